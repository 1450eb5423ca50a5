package dev.milepost.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.benchmarks.harness.PhaseResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Uses operations that complete at once. */
class ClosedLoopTest {
  @Test
  void countsTheFirstCompletionIfNoneIsInTime() throws InterruptedException {
    PhaseResult work = ClosedLoop.run(3, Duration.ZERO, (slot, operation) -> operation.done());

    assertThat(work.done()).isEqualTo(1);
    assertThat(work.latencies().getTotalCount()).isEqualTo(1);
    assertThat(work.nanos()).isPositive();
  }

  @Test
  void failsTheRunIfAnOperationFails() {
    assertThatThrownBy(
            () ->
                ClosedLoop.run(
                    2,
                    Duration.ZERO,
                    (slot, operation) -> operation.failed(new IllegalStateException("refused"))))
        .hasMessageContaining("refused");
  }
}
