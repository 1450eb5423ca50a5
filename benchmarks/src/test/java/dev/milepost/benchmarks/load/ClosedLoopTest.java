package dev.milepost.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.benchmarks.harness.PhaseResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** With things that are over as soon as they begin. */
class ClosedLoopTest {
  @Test
  void whereNothingIsAnsweredInTimeTheFirstAnswerCounts() throws InterruptedException {
    PhaseResult work = ClosedLoop.run(3, Duration.ZERO, (slot, turn) -> turn.done());

    assertThat(work.done()).isEqualTo(1);
    assertThat(work.latencies().getTotalCount()).isEqualTo(1);
    assertThat(work.nanos()).isPositive();
  }

  @Test
  void whatFailsFailsTheRun() {
    assertThatThrownBy(
            () ->
                ClosedLoop.run(
                    2,
                    Duration.ZERO,
                    (slot, turn) -> turn.failed(new IllegalStateException("refused"))))
        .hasMessageContaining("refused");
  }
}
