package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of {@code docs/BACKUP.md} for SQLite as they stand there, on processes. */
class BackupDocTest {
  private static final Pattern BLOCK =
      Pattern.compile("<!-- run by a test(: [a-z]+)? -->\n((?: {4}.*\n)+)");
  private static final int JOBS = 50;

  @TempDir Path directory;

  /** The blocks of commands, by what they need: running (""), stopped, upgraded. */
  private static Map<String, List<String>> blocks() throws IOException {
    Map<String, List<String>> blocks = new HashMap<>();
    Matcher block = BLOCK.matcher(Files.readString(Path.of("..", "docs", "BACKUP.md")));
    while (block.find()) {
      String needs = block.group(1) == null ? "" : block.group(1).substring(2);
      blocks.computeIfAbsent(needs, key -> new ArrayList<>()).add(block.group(2));
    }
    return blocks;
  }

  /** Writes a launcher like the one of the project, which starts the classes of this build. */
  private void writeLauncher() throws IOException {
    String command =
        ServerProcess.command(directory).command().stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Path launcher =
        Files.writeString(
            directory.resolve("milepost"), "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
  }

  private String run(String block, int port) throws Exception {
    String script = "set -e\n" + block.replace("localhost:7300", "localhost:" + port);
    Process shell =
        new ProcessBuilder("sh", "-c", script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(script + output).isZero();
    return output;
  }

  private Map<String, Job> jobsIn(String file) {
    try (JobStore store =
        SqliteJobStore.open(
            directory.resolve(file),
            StoreClock.of(Clock.systemUTC()),
            1_000,
            CommitObserver.NONE)) {
      return StoreHarness.await(
              store.list(
                  new JobQuery(JobFilter.getDefaultInstance(), false, Optional.empty(), 1_000)))
          .jobs()
          .stream()
          .collect(Collectors.toMap(record -> record.getJob().getId(), record -> record.getJob()));
    }
  }

  @Test
  void theCommandsDoWhatThePageSays() throws Exception {
    Map<String, List<String>> blocks = blocks();
    assertThat(blocks).containsOnlyKeys("", "stopped", "upgraded");
    writeLauncher();
    Process server =
        ServerProcess.command(
                directory, "--store", "sqlite:data/milepost.db", "--listen", "localhost:0")
            .redirectErrorStream(true)
            .start();
    List<String> greeting = ServerProcess.greeting(server);
    int port = ServerProcess.port(greeting);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    Map<String, Job> acknowledged = new HashMap<>();
    try {
      TestClient ann = new TestClient(channel).as("ann");
      for (int i = 0; i < JOBS; i++) {
        Job job = ann.create("before");
        acknowledged.put(job.getId(), job);
      }
      AtomicBoolean stop = new AtomicBoolean();
      Thread load =
          new Thread(
              () -> {
                while (!stop.get()) {
                  ann.create("meanwhile");
                }
              });
      load.start();
      String output = run(String.join("", blocks.get("")), port);
      stop.set(true);
      load.join();
      assertThat(output)
          .contains("Backed up and verified: ", "before-release.db\nSHA-256 ", "Copying", "100%");
    } finally {
      channel.shutdownNow();
      server.destroy();
      server.waitFor();
    }
    Map<String, Job> last = jobsIn("data/milepost.db");
    assertThat(last).containsAllEntriesOf(acknowledged);

    for (String block : blocks.get("stopped")) {
      run(block, port);
    }

    assertThat(jobsIn("offsite/milepost.db")).isEqualTo(last);
    Map<String, Job> restored = jobsIn("data/milepost.db");
    assertThat(restored).containsAllEntriesOf(acknowledged);
    assertThat(last).containsAllEntriesOf(restored);
    assertThat(jobsIn("elsewhere/milepost.db")).isEqualTo(restored);

    Files.copy(
        directory.resolve("offsite/milepost.db"), directory.resolve("data/milepost.db.before-v4"));
    blocks.get("upgraded").forEach(block -> assertThat(block).contains("before-v4"));
    run(blocks.get("upgraded").get(0), port);
    assertThat(jobsIn("data/milepost.db")).isEqualTo(last);
  }
}
