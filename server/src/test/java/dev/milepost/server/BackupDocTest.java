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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of {@code docs/BACKUP.md} for SQLite as they stand there, on processes. */
class BackupDocTest {
  private static final int JOBS = 50;

  @TempDir Path directory;

  private String run(String block, int port) throws Exception {
    return DocCommands.run(directory, block.replace("localhost:7300", "localhost:" + port));
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
    Map<String, List<String>> blocks = DocCommands.of("BACKUP.md");
    assertThat(blocks).containsOnlyKeys("", "stopped", "upgraded");
    DocCommands.writeLauncher(directory);
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
