package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exit codes that {@code docs/OPERATIONS.md} lists, of real processes. */
class ExitCodeTest {
  private static final Path PAGE = Path.of("..", "docs", "OPERATIONS.md");

  /** A shell may have started this test with SIGINT ignored, which a process inherits. */
  private static final List<String> WITH_SIGINT = List.of("env", "--default-signal=INT");

  @TempDir Path directory;

  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void stop() {
    for (Process child : children) {
      child.descendants().forEach(ProcessHandle::destroyForcibly);
      child.destroyForcibly();
    }
  }

  private Process start(ProcessBuilder builder) throws IOException {
    Process child = builder.redirectError(directory.resolve("stderr").toFile()).start();
    children.add(child);
    return child;
  }

  private Process start(List<String> wrapper, String... arguments) throws IOException {
    ProcessBuilder builder = ServerProcess.command(directory, arguments);
    builder.command(Stream.concat(wrapper.stream(), builder.command().stream()).toList());
    return start(builder);
  }

  private Process serving(List<String> wrapper) throws IOException {
    Process child = start(wrapper, "--listen", "localhost:0", "--store", "sqlite:data/jobs.db");
    assertThat(ServerProcess.greeting(child)).contains("Milepost is ready.");
    return child;
  }

  private static void signal(String name, long process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + process).start().waitFor()).isZero();
  }

  private static int code(Process child) throws InterruptedException {
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return child.exitValue();
  }

  @Test
  void aServerThatIsToldToStopEndsWithZero() throws Exception {
    for (String name : List.of("TERM", "INT")) {
      Process child = serving(WITH_SIGINT);
      signal(name, child.pid());
      assertThat(code(child)).as(name).isZero();
      assertThat(Files.readString(directory.resolve("stderr"))).isEmpty();
      // Closed, not killed: SQLite removes its log with the last connection.
      assertThat(directory.resolve("data/jobs.db-wal")).doesNotExist();
    }
  }

  @Test
  void soDoesTheFirstProcessOfAContainer() throws Exception {
    List<String> container = asFirstProcess();
    for (String name : List.of("TERM", "INT")) {
      Process child = serving(container);
      List<ProcessHandle> inside = child.descendants().toList();
      signal(name, inside.isEmpty() ? child.pid() : inside.get(0).pid());
      assertThat(code(child)).as(name).isZero();
    }
  }

  /** Returns what starts a process as number 1; an ordinary process if this is not permitted. */
  private static List<String> asFirstProcess() throws Exception {
    for (List<String> unshare :
        List.of(
            List.of("unshare", "--pid", "--fork"),
            List.of("unshare", "--map-root-user", "--pid", "--fork"))) {
      try {
        List<String> trial = Stream.concat(unshare.stream(), Stream.of("true")).toList();
        if (new ProcessBuilder(trial).start().waitFor() == 0) {
          return Stream.concat(unshare.stream(), WITH_SIGINT.stream()).toList();
        }
      } catch (IOException e) {
        // There is no such program.
      }
    }
    return WITH_SIGINT;
  }

  @Test
  void aServerWhoseParentEndsStopsWithZero() throws Exception {
    Process parent = new ProcessBuilder("sleep", "600").start();
    children.add(parent);
    Process child =
        start(
            List.of(),
            "--listen",
            "localhost:0",
            "--store",
            "memory:",
            "--exit-with",
            "" + parent.pid());
    assertThat(ServerProcess.greeting(child)).contains("Milepost is ready.");
    parent.destroy();
    assertThat(code(child)).isZero();
  }

  @Test
  void aServerThatCannotStartEndsWithOne() throws Exception {
    Path file = Files.writeString(directory.resolve("a.conf"), "milepost.auth.token.file = t.json");
    assertThat(code(start(List.of(), "--config", file.toString()))).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("stderr")))
        .isEqualTo(
            "There is no setting milepost.auth.token.file. Did you mean"
                + " milepost.auth.tokens.file? It is set in %s:1.%n",
            file);
    assertThat(code(start(List.of(), "--listen", "nonsense"))).isEqualTo(1);
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void aWrongCommandLineEndsWithTwo() throws Exception {
    assertThat(code(start(List.of(), "--nonsense"))).isEqualTo(2);
  }

  @Test
  void aServerWhoseStoreHasStoppedEndsWithThree() throws Exception {
    Process child = start(ServerProcess.command(FaultyServer.class, directory));
    int port = ServerProcess.port(ServerProcess.greeting(child));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    try {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of(DevelopmentAuthenticator.USER_HEADER, Metadata.ASCII_STRING_MARSHALLER),
          "ann");
      Status.Code answer = Status.Code.OK;
      try {
        var unused =
            JobServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .createJob(
                    CreateJobRequest.newBuilder()
                        .setSpec(JobSpec.newBuilder().setType("a"))
                        .build());
      } catch (StatusRuntimeException e) {
        answer = e.getStatus().getCode();
      }
      assertThat(answer).isEqualTo(Status.Code.UNAVAILABLE);
    } finally {
      channel.shutdownNow();
    }
    assertThat(code(child)).isEqualTo(3);
  }

  @Test
  void aServerWhoseDatabaseIsDeletedEndsWithThree() throws Exception {
    Process child = serving(List.of());
    Files.delete(directory.resolve("data/jobs.db"));
    assertThat(code(child)).isEqualTo(3);

    Process again = start(List.of(), "--listen", "localhost:0", "--store", "sqlite:data/jobs.db");
    assertThat(code(again)).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("stderr")))
        .contains("data/jobs.db is missing, although ", "--accept-data-loss");
  }

  @Test
  void theTableListsTheseCodes() throws IOException {
    String page = Files.readString(PAGE);
    String section = page.substring(page.indexOf("\n## Exit codes\n"));
    assertThat(section.lines().skip(2).takeWhile(line -> !line.startsWith("## ")))
        .filteredOn(line -> line.matches("\\| [0-9]+ \\|.*"))
        .extracting(line -> line.replaceAll("^\\| ([0-9]+) .*", "$1"))
        .containsExactly("0", "1", "2", "3");
  }
}
