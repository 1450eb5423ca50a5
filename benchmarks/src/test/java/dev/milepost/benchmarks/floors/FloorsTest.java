package dev.milepost.benchmarks.floors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.benchmarks.harness.PhaseResult;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the floors that need no server. */
@Tag("slow")
class FloorsTest {
  private static final Duration MOMENT = Duration.ofMillis(100);

  @TempDir private Path directory;

  @Test
  void countsFlushes() throws Exception {
    try (DiskFloor disk = new DiskFloor(directory.resolve("pages"))) {
      PhaseResult work = disk.run(MOMENT);
      assertThat(work.done()).isPositive().isEqualTo(work.latencies().getTotalCount());
      assertThat(work.perSecond()).isPositive();
    }
    assertThat(directory.resolve("pages")).hasSize(1_000 * 4_096);
  }

  @Test
  void countsRowsAndTimesTransactions() throws Exception {
    try (SqliteFloor sqlite = new SqliteFloor(directory.resolve("floor.db"))) {
      PhaseResult work = sqlite.run(10, MOMENT);
      assertThat(work.done()).isPositive().isEqualTo(10 * work.latencies().getTotalCount());
    }
  }
}
