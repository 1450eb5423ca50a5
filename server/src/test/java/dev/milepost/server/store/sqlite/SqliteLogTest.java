package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log is moved into the database beside the writer, and restarted. */
class SqliteLogTest {
  private static final int JOBS = 30_000;

  @TempDir private Path directory;

  @Test
  void logDoesNotGrowWithoutBound() throws IOException {
    Path file = directory.resolve("jobs.db");
    StoreHarness harness =
        ChildServer.harness(
            file, new SqliteOptions(64, Duration.ofMillis(1), 4, JOBS, 0, () -> {}, () -> {}));
    List<CompletionStage<?>> created = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      created.add(harness.createLater(job("job-" + i, spec()), List.of()));
    }
    created.forEach(StoreHarness::await);

    // Without pauses: otherwise the log would hold every changed page, many of them several times.
    long log = Files.size(directory.resolve("jobs.db-wal"));
    assertThat(log).isLessThan(2 * Files.size(file));
    harness.store().close();
    assertThat(ChildServer.harness(file, SqliteOptions.STANDARD).get("job-" + (JOBS - 1)))
        .isPresent();
  }
}
