package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressRuleTest {
  /** Long enough for exponential smoothing to apply instead of the mean. */
  private static final long RUN_BEFORE = 1_000;

  private static final Instant NOW = JobLife.START;

  @ParameterizedTest
  @CsvSource({
    "0, 100, 0",
    "29, 100, 29",
    "57, 100, 57",
    "1, 3, 33",
    "2, 3, 66",
    "999, 1000, 99",
    "1000, 1000, 100",
    "1001, 1000, 100",
    "999999999999, 1000000000000, 99",
    "9223372036854775806, 9223372036854775807, 99",
    "9223372036854775807, 9223372036854775807, 100"
  })
  void percentIsRoundedDown(long current, long total, int percent) {
    assertThat(derive(counted(current, total)).getPercent()).isEqualTo(percent);
  }

  @Property
  void everyWholePercentIsExact(@ForAll @LongRange(min = 0, max = 100) long percent) {
    assertThat(derive(counted(percent, 100)).getPercent()).isEqualTo((int) percent);
    assertThat(derive(Progress.newBuilder().setFraction(percent / 100.0)).getPercent())
        .isEqualTo((int) percent);
  }

  @Property
  void oneHundredPercentMeansDone(
      @ForAll @LongRange(min = 0) long current, @ForAll @LongRange(min = 1) long total) {
    Progress progress = derive(counted(current, total));
    assertThat(progress.getPercent() == 100).isEqualTo(current >= total);
    assertThat(progress.getFraction() == 1.0).isEqualTo(current >= total);
  }

  @Test
  void progressWithoutATotalIsIndeterminate() {
    assertThat(derive(Progress.newBuilder().setCurrent(7)).hasFraction()).isFalse();
    assertThat(derive(Progress.newBuilder().setCurrent(7)).hasPercent()).isFalse();
    assertThat(derive(counted(0, 0)).hasPercent()).isFalse();
  }

  @Test
  void theWorkersFractionTakesPrecedence() {
    assertThat(derive(counted(1, 2).setFraction(0.75)).getPercent()).isEqualTo(75);
  }

  @Test
  void subOperationsAreWeighted() {
    Progress progress =
        derive(
            counted(1, 100)
                .addSubOperations(part("download", 1).setWeight(3))
                .addSubOperations(part("resize", 0.5))
                .addSubOperations(part("upload", 0)));

    assertThat(progress.getFraction()).isEqualTo(0.7);
    assertThat(progress.getSubOperationsList())
        .extracting(SubOperation::getState)
        .containsExactly(
            SubOperationState.SUB_OPERATION_STATE_DONE,
            SubOperationState.SUB_OPERATION_STATE_RUNNING,
            SubOperationState.SUB_OPERATION_STATE_PENDING);
  }

  @Test
  void aSubOperationKeepsItsReportedState() {
    Progress progress =
        derive(
            Progress.newBuilder()
                .addSubOperations(
                    part("resize", 0.5).setState(SubOperationState.SUB_OPERATION_STATE_FAILED)));

    assertThat(progress.getSubOperations(0).getState())
        .isEqualTo(SubOperationState.SUB_OPERATION_STATE_FAILED);
  }

  @Test
  void anUnfinishedPartWithATinyWeightKeepsTheFractionBelowOne() {
    Progress progress =
        derive(
            Progress.newBuilder()
                .addSubOperations(part("heavy", 1).setWeight(1e9))
                .addSubOperations(part("light", 0).setWeight(1e-9)));

    assertThat(progress.getPercent()).isEqualTo(99);
  }

  @Test
  void outputOnlyFieldsAreIgnored() {
    Progress progress =
        derive(
            counted(1, 4)
                .setPercent(99)
                .setRate(1e6)
                .setEstimatedEndTime(Times.timestamp(NOW))
                .setLastProgressTime(Times.timestamp(NOW)));

    assertThat(progress).isEqualTo(counted(1, 4).setFraction(0.25).setPercent(25).build());
  }

  @Test
  void theRateStartsWithTheSecondReport() {
    Progress second = after(counted(0, 100), 10, counted(20, 100));

    assertThat(second.getRate()).isEqualTo(2.0);
    assertThat(Times.instant(second.getEstimatedEndTime())).isEqualTo(NOW.plusSeconds(10 + 40));
  }

  @Test
  void theRateIsSmoothed() {
    Progress third = after(counted(0, 100).setRate(2.0), 10, counted(0, 100));

    assertThat(third.getRate()).isCloseTo(2.0 * Math.exp(-1), within(1e-9));
  }

  @Test
  void aFastStartIsSoonForgottenByTheRate() {
    JobRecord.Builder before = JobRecord.newBuilder().setProgressSampleTime(Times.timestamp(NOW));
    before
        .getJobBuilder()
        .getStatusBuilder()
        .setProgress(counted(20, 100).setRate(200))
        .addAttempts(Attempt.newBuilder().setStartTime(Times.timestamp(NOW.minusMillis(100))));

    Progress next =
        ProgressRule.derive(before.build(), counted(21, 100).build(), NOW.plusMillis(900)).build();

    assertThat(next.getRate()).as("the mean so far: 21 in a second").isCloseTo(21.0, within(1e-6));
  }

  @Test
  void twoReportsAtTheSameTimeKeepTheRate() {
    assertThat(after(counted(0, 100).setRate(2.0), 0, counted(50, 100)).getRate()).isEqualTo(2.0);
    assertThat(after(counted(0, 100), 0, counted(50, 100)).hasRate()).isFalse();
  }

  @Test
  void anotherUnitOrAStepBackResetsTheRate() {
    assertThat(after(counted(5, 100).setRate(2.0), 10, counted(4, 100)).hasRate()).isFalse();
    assertThat(after(counted(5, 100), 10, counted(6, 100).setUnit("files")).hasRate()).isFalse();
  }

  @Test
  void noEndIsEstimatedWithoutARateOrTotal() {
    assertThat(after(counted(0, 100), 10, counted(0, 100)).hasEstimatedEndTime()).isFalse();
    assertThat(
            after(Progress.newBuilder(), 10, Progress.newBuilder().setCurrent(5))
                .hasEstimatedEndTime())
        .isFalse();
    assertThat(after(counted(0, 10), 10, counted(20, 10)).hasEstimatedEndTime()).isFalse();
    assertThat(after(counted(0, Long.MAX_VALUE), 10, counted(1, Long.MAX_VALUE)).hasRate())
        .isTrue();
    assertThat(
            after(counted(0, Long.MAX_VALUE), 10, counted(1, Long.MAX_VALUE)).hasEstimatedEndTime())
        .as("too far in the future")
        .isFalse();
  }

  @Test
  void theEndIsEstimatedFromTheFraction() {
    Progress second = after(fraction(0.2), 10, fraction(0.4));

    assertThat(Times.instant(second.getEstimatedEndTime())).isEqualTo(NOW.plusSeconds(10 + 30));
    assertThat(second.hasRate()).as("there are no units").isFalse();
  }

  @Test
  void theEndIsEstimatedFromTheSubOperations() {
    Progress second =
        after(
            derive(Progress.newBuilder().addSubOperations(part("all", 0.1))).toBuilder(),
            10,
            Progress.newBuilder().addSubOperations(part("all", 0.6)));

    assertThat(Times.instant(second.getEstimatedEndTime())).isEqualTo(NOW.plusSeconds(10 + 8));
  }

  @Test
  void aFractionOfItsOwnCountsMoreThanTheUnitsForTheEnd() {
    Progress second =
        after(counted(0, 100).setFraction(0.5), 10, counted(10, 100).setFraction(0.75));

    assertThat(second.getRate()).isEqualTo(1.0);
    assertThat(Times.instant(second.getEstimatedEndTime())).isEqualTo(NOW.plusSeconds(10 + 10));
  }

  @Test
  void theRateOfTheFractionIsSmoothed() {
    // 0.05 a second so far, and nothing in these ten seconds.
    Progress.Builder last = fraction(0.5).setEstimatedEndTime(Times.timestamp(NOW.plusSeconds(10)));

    Progress third = after(last, 10, fraction(0.5));

    double left = 0.5 / (0.05 * Math.exp(-1));
    assertThat(
            Duration.between(NOW.plusSeconds(10), Times.instant(third.getEstimatedEndTime()))
                .toMillis())
        .isCloseTo(Math.round(left * 1_000), within(1L));
  }

  @Property
  void whatIsEstimatedIsNeverBeforeNow(
      @ForAll @DoubleRange(min = 0, max = 1) double first,
      @ForAll @DoubleRange(min = 0, max = 1) double second,
      @ForAll @LongRange(min = -10, max = 100_000) long seconds) {
    Progress next = after(fraction(first), seconds, fraction(second));

    assertThat(next.hasRate()).isFalse();
    if (next.hasEstimatedEndTime()) {
      assertThat(Times.instant(next.getEstimatedEndTime()))
          .isAfterOrEqualTo(NOW.plusSeconds(seconds));
    }
  }

  @Test
  void aRateOfZeroIsLeftUnset() {
    assertThat(after(counted(0, 100), 10, counted(0, 100)).hasRate()).isFalse();
    assertThat(after(Progress.newBuilder(), 10, fraction(0)).hasRate()).isFalse();
    assertThat(after(fraction(0.3), 10, fraction(0.3)).hasEstimatedEndTime()).isFalse();
    assertThat(after(fraction(0.3), 10, fraction(0.2)).hasEstimatedEndTime()).isFalse();
  }

  private static Progress.Builder fraction(double fraction) {
    return Progress.newBuilder().setFraction(fraction);
  }

  private static Progress derive(Progress.Builder reported) {
    return ProgressRule.derive(JobRecord.getDefaultInstance(), reported.build(), NOW).build();
  }

  private static Progress after(Progress.Builder last, long seconds, Progress.Builder reported) {
    JobRecord.Builder before = JobRecord.newBuilder().setProgressSampleTime(Times.timestamp(NOW));
    before
        .getJobBuilder()
        .getStatusBuilder()
        .setProgress(last)
        .addAttempts(
            Attempt.newBuilder().setStartTime(Times.timestamp(NOW.minusSeconds(RUN_BEFORE))));
    return ProgressRule.derive(before.build(), reported.build(), NOW.plusSeconds(seconds)).build();
  }

  private static Progress.Builder counted(long current, long total) {
    return Progress.newBuilder().setCurrent(current).setTotal(total);
  }

  private static SubOperation.Builder part(String id, double fraction) {
    return SubOperation.newBuilder().setId(id).setFraction(fraction);
  }
}
