package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Positions as texts: those of this version, and those that earlier ones have given away. */
class ListWatchPositionTest {
  private static final List<JobCount> COUNTS =
      List.of(
          JobCount.newBuilder().setState(JobState.JOB_STATE_QUEUED).setCount(7).build(),
          JobCount.newBuilder().setState(JobState.JOB_STATE_RUNNING).setCount(12).build());

  @Test
  void aTextBecomesTheSamePosition() {
    for (List<JobCount> counts : List.of(COUNTS, List.<JobCount>of())) {
      for (String stored : List.of("", "712:719:714,716/42/0f3a")) {
        ListWatchPosition position = new ListWatchPosition("run-1", 9, 3, counts, stored);
        assertThat(ListWatchPosition.parse(position.toString())).isEqualTo(position);
      }
    }
  }

  @Test
  void aPositionOfAnEarlierVersionIsNoneOfTheStore() {
    assertThat(ListWatchPosition.parse("run-1 9 3 1 7 2 12"))
        .isEqualTo(new ListWatchPosition("run-1", 9, 3, COUNTS, ""));
    assertThat(ListWatchPosition.parse("run-1 9 3").stored()).isEmpty();
  }
}
