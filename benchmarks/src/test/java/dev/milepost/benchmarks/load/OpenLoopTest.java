package dev.milepost.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Uses a settable clock. */
class OpenLoopTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  private long now = 1000 * MS;

  @Test
  void schedulesCallsAtAFixedRate() throws InterruptedException {
    List<Long> intended = new ArrayList<>();
    long sent = loop().run(now, 50 * MS, 100, (i, at) -> intended.add(at));
    assertThat(sent).isEqualTo(5);
    assertThat(intended).containsExactly(1000 * MS, 1010 * MS, 1020 * MS, 1030 * MS, 1040 * MS);
  }

  @Test
  void countsAStallInAllDelayedCalls() throws InterruptedException {
    List<Long> latencies = new ArrayList<>();
    loop()
        .run(
            now,
            100 * MS,
            100,
            (i, at) -> {
              // The third call blocks.
              now += i == 2 ? 35 * MS : 0;
              latencies.add((now - at) / MS);
            });
    assertThat(latencies).containsExactly(0L, 0L, 35L, 25L, 15L, 5L, 0L, 0L, 0L, 0L);
  }

  @Test
  void sleepsAgainAfterWakingEarly() throws InterruptedException {
    List<Long> times = new ArrayList<>();
    new OpenLoop(() -> now, nanos -> now += Math.min(nanos, MS))
        .run(now, 30 * MS, 100, (i, at) -> times.add(now - at));
    assertThat(times).containsExactly(0L, 0L, 0L);
  }

  private OpenLoop loop() {
    return new OpenLoop(() -> now, nanos -> now += nanos);
  }
}
