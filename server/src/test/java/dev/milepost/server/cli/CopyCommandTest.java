package dev.milepost.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.ServerProcess;
import dev.milepost.server.grpc.TestCertificate;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Redis;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs the copy command, in this JVM where that is enough: a process takes a second to start. */
class CopyCommandTest {
  @TempDir Path directory;

  private record Outcome(int code, String out, String error) {}

  /** Runs the command line of the server in its own process, in the directory. */
  private Outcome runProcess(String... arguments) throws Exception {
    Path error = directory.resolve("stderr");
    Process child =
        ServerProcess.command(directory, arguments).redirectError(error.toFile()).start();
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Outcome(child.exitValue(), out, Files.readString(error));
  }

  /** Runs the command in this JVM. */
  private static Outcome copy(String... options) {
    return run(new CopyCommand(), options);
  }

  private static Outcome run(Object command, String... arguments) {
    PrintStream out = System.out;
    PrintStream error = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      int code = new CommandLine(command).execute(arguments);
      return new Outcome(
          code, printed.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(error);
    }
  }

  /** Returns the URL of a database in the directory. */
  private String sqlite(String file) {
    return "sqlite:" + directory.resolve(file);
  }

  private void fill(int jobs) {
    JobRules rules = new JobRules(JobDefaults.STANDARD);
    try (JobStore store =
        SqliteJobStore.open(
            directory.resolve("jobs.db"),
            StoreClock.of(Clock.systemUTC()),
            1_000,
            CommitObserver.NONE)) {
      List<CompletableFuture<Boolean>> created = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        JobSpec spec =
            JobSpec.newBuilder().setType("sync").setScope(JobScope.JOB_SCOPE_ITEM_SET).build();
        NewJob job = new NewJob(new JobKey("acme", "job-" + i), "ann", "ann", "", "", spec);
        created.add(
            store
                .update(
                    Selection.of(job.key()),
                    found -> Decision.of(rules.create(job, List.of(), found.clock()), true))
                .toCompletableFuture());
      }
      created.forEach(CompletableFuture::join);
    }
  }

  @Test
  void aFileIsCopiedToRedisAndBack() throws Exception {
    fill(500);
    String redis = Redis.emptyStore();

    Outcome there = runProcess("copy", "--from", "sqlite:jobs.db", "--to", redis);
    assertThat(there.code()).withFailMessage(there::toString).isZero();
    assertThat(there.out())
        .isEqualTo("Copied and compared: 500 jobs, 500 journal entries, 0 items.\n");
    assertThat(there.error()).contains("Copying", "Comparing", "100%");

    Outcome back = copy("--from", redis, "--to", sqlite("again.db"));
    assertThat(back.code()).withFailMessage(back::toString).isZero();
    assertThat(back.out()).contains("500 jobs");

    Outcome again = copy("--from", redis, "--to", sqlite("again.db"));
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.error()).contains("holds jobs already");
  }

  @Test
  void invalidSourcesAndTargetsAreReported() throws Exception {
    assertThat(copy("--from", "memory:", "--to", sqlite("a.db")))
        .matches(
            outcome ->
                outcome.code() == 1 && outcome.error().contains("exists only in its server"));
    assertThat(copy("--from", sqlite("none.db"), "--to", sqlite("a.db")))
        .matches(outcome -> outcome.code() == 1 && outcome.error().contains("There is no file"));
    assertThat(copy("--from", "mysql:x", "--to", sqlite("a.db")))
        .matches(outcome -> outcome.code() == 1 && outcome.error().contains("is unknown"));
    assertThat(copy("--from", sqlite("jobs.db"), "--to", "memory:"))
        .matches(outcome -> outcome.code() == 1 && outcome.error().contains("--import-from"));
    assertThat(copy("--from", "grpc://192.0.2.1:7300", "--to", sqlite("a.db")))
        .matches(outcome -> outcome.code() == 1 && outcome.error().contains("in the clear"));
    assertThat(runProcess("--store", "sqlite:a.db", "--import-from", "sqlite:jobs.db"))
        .matches(outcome -> outcome.code() == 1 && outcome.error().contains("with `copy`"));
    assertThat(copy("--from", sqlite("a.db")))
        .matches(outcome -> outcome.code() == 2 && outcome.error().contains("--to"));
    assertThat(directory.resolve("a.db")).doesNotExist();
  }

  @Test
  void aMemoryServerStartsFromACopyAndCanBeCopied() throws Exception {
    fill(500);
    Process server = inMemory("--import-from", "sqlite:jobs.db");
    try {
      String address = "grpc://localhost:" + ServerProcess.port(ServerProcess.greeting(server));
      Outcome copied = copy("--from", address, "--to", sqlite("again.db"));
      assertThat(copied.code()).withFailMessage(copied::toString).isZero();
      assertThat(copied.out())
          .isEqualTo("Copied and compared: 500 jobs, 500 journal entries, 0 items.\n");
    } finally {
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(jobs("again.db")).hasSize(500).isEqualTo(jobs("jobs.db"));
  }

  @Test
  void aMemoryServerIsCopiedWithTheTokenOfAnAdmin() throws Exception {
    Path token = token("root", "ADMIN");
    Path other = token("ann", "OPERATOR");
    Path settings = directory.resolve("settings.conf");
    Files.writeString(settings, "milepost.auth.tokens.file = tokens.json");
    Process server = inMemory("--config", settings.toString());
    try {
      String address = "grpc://localhost:" + ServerProcess.port(ServerProcess.greeting(server));
      assertThat(copy("--from", address, "--to", sqlite("a.db")))
          .matches(outcome -> outcome.code() == 1 && outcome.error().contains("UNAUTHENTICATED"));
      assertThat(copyWith(other, address))
          .matches(outcome -> outcome.code() == 1 && outcome.error().contains("Only an ADMIN"));
      assertThat(copyWith(directory.resolve("none"), address))
          .matches(outcome -> outcome.code() == 1 && outcome.error().contains("cannot be read"));
      Outcome copied = copyWith(token, address);
      assertThat(copied.code()).withFailMessage(copied::toString).isZero();
      assertThat(copied.out()).contains("0 jobs");
    } finally {
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aServerWithTlsIsCopiedIfItsCertificateIsTrusted() throws Exception {
    TestCertificate certificate = TestCertificate.of(directory, "dns:localhost");
    Files.writeString(directory.resolve("certificate.pem"), certificate.certificatePem());
    Files.writeString(directory.resolve("key.pem"), certificate.keyPem());
    Path settings = directory.resolve("settings.conf");
    Files.writeString(settings, "milepost.tls { certificate = certificate.pem, key = key.pem }");
    Process server = inMemory("--config", settings.toString());
    try {
      String address = "grpcs://localhost:" + ServerProcess.port(ServerProcess.greeting(server));
      Outcome distrusting = copy("--from", address, "--to", sqlite("a.db"));
      assertThat(distrusting.code()).isEqualTo(1);
      assertThat(distrusting.error()).contains(address + " answers UNAVAILABLE");
      Outcome copied =
          copy(
              "--from",
              address,
              "--to",
              sqlite("a.db"),
              "--ca",
              directory.resolve("certificate.pem").toString());
      assertThat(copied.code()).withFailMessage(copied::toString).isZero();
    } finally {
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Process inMemory(String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("--store", "memory:", "--listen", "localhost:0"));
    arguments.addAll(List.of(more));
    return ServerProcess.command(directory, arguments.toArray(String[]::new))
        .redirectError(directory.resolve("server-stderr").toFile())
        .start();
  }

  private Outcome copyWith(Path token, String address) throws Exception {
    return copy("--from", address, "--to", sqlite("a.db"), "--token-file", token.toString());
  }

  private Path token(String user, String role) throws Exception {
    Outcome made =
        run(
            new TokenCommand(),
            "create",
            "--file",
            directory.resolve("tokens.json").toString(),
            "--tenant",
            "acme",
            "--user",
            user,
            "--role",
            role,
            "--ttl",
            "1d");
    assertThat(made.code()).withFailMessage(made::toString).isZero();
    Path file = directory.resolve(user + ".token");
    Files.writeString(file, made.out().strip() + "\n");
    return file;
  }

  private List<JobRecord> jobs(String file) {
    try (JobStore store =
        SqliteJobStore.open(
            directory.resolve(file),
            StoreClock.of(Clock.systemUTC()),
            1_000,
            CommitObserver.NONE)) {
      JobQuery all = new JobQuery(JobFilter.getDefaultInstance(), false, Optional.empty(), 1_000);
      return store.list(all).toCompletableFuture().join().jobs();
    }
  }

  @Test
  void noServerStartsOnAnIncompleteCopy() throws Exception {
    fill(6_000);
    Process child =
        ServerProcess.command(
                directory, "copy", "--from", "sqlite:jobs.db", "--to", "sqlite:half.db")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    // Killed as soon as something was copied: the log grows beyond that of an empty database.
    Path log = directory.resolve("half.db-wal");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (child.isAlive() && System.nanoTime() < end) {
      if (Files.exists(log) && Files.size(log) > 1 << 18) {
        break;
      }
      Thread.onSpinWait();
    }
    child.destroyForcibly().waitFor();

    Outcome server = runProcess("--store", "sqlite:half.db", "--listen", "localhost:0");
    assertThat(server.code()).isEqualTo(1);
    assertThat(server.error()).contains("incomplete", "jobs.db");

    Outcome copied = runProcess("copy", "--from", "sqlite:jobs.db", "--to", "sqlite:half.db");
    assertThat(copied.code()).withFailMessage(copied::toString).isZero();
    assertThat(copied.out()).contains("6,000 jobs");
  }
}
