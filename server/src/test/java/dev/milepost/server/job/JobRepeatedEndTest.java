package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Struct;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Repetitions of calls whose response was lost. */
class JobRepeatedEndTest {
  private static final String TOKEN = "token-1";

  /** The end of an attempt, and another end of the same attempt. */
  static Stream<Arguments> ends() {
    Report report = JobLife.progress(1, 2).build();
    Report other = JobLife.progress(2, 2).build();
    Struct result = JobLife.struct("album", "42");
    return Stream.of(
        Arguments.of(
            JobState.JOB_STATE_RUNNING,
            new JobCommand.Complete(TOKEN, report, Map.of(), result),
            new JobCommand.Complete(TOKEN, report, Map.of(), JobLife.struct("album", "43"))),
        Arguments.of(
            JobState.JOB_STATE_RUNNING,
            new JobCommand.Complete(TOKEN, report, Map.of(), result),
            new JobCommand.Complete(TOKEN, other, Map.of(), result)),
        Arguments.of(
            JobState.JOB_STATE_RUNNING,
            new JobCommand.Fail(TOKEN, report, Map.of(), JobLife.FLAKY),
            new JobCommand.Fail(TOKEN, report, Map.of(), JobLife.BROKEN)),
        Arguments.of(
            JobState.JOB_STATE_RUNNING,
            new JobCommand.Release(TOKEN, report, Map.of(), "draining"),
            new JobCommand.Release(TOKEN, report, Map.of(), "tired")),
        Arguments.of(
            JobState.JOB_STATE_CANCELLING,
            new JobCommand.ConfirmCancel(TOKEN, report, Map.of()),
            new JobCommand.ConfirmCancel(TOKEN, other, Map.of())),
        Arguments.of(
            JobState.JOB_STATE_CANCELLING,
            new JobCommand.ConfirmCancel(TOKEN, report, Map.of()),
            new JobCommand.Fail(TOKEN, report, Map.of(), JobLife.BROKEN)));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aRepetitionGetsTheSameResponse(JobState state, JobCommand end, JobCommand other) {
    JobLife life = JobLife.in(state);
    life.run(end);
    var before = life.record;

    assertThat(life.after(3600).run(end)).isEqualTo(new JobDecision.Keep(before));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void anotherEndOfTheSameAttemptIsRefused(JobState state, JobCommand end, JobCommand other) {
    JobLife life = JobLife.in(state);
    life.run(end);

    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(() -> life.run(other));
  }

  @Test
  void aRepetitionIsRecognizedWhileTheNextAttemptRuns() {
    JobLife life = JobLife.running();
    var fail = new JobCommand.Fail(TOKEN, JobLife.nothing(), Map.of(), JobLife.FLAKY);
    life.run(fail);
    life.claimWhenDue();

    assertThat(life.run(fail)).isInstanceOf(JobDecision.Keep.class);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(life.record.getAttemptToken()).isEqualTo("token-2");
  }

  @Test
  void aWorkerCannotEndAnAttemptThatTimedOut() {
    JobLife life = JobLife.running().after(30);
    life.tick();

    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::complete);
    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(() -> life.fail(JobLife.FLAKY));
  }

  @Test
  void reportsAndHeartbeatsOfAnEndedAttemptAreRefused() {
    JobLife life = JobLife.running();
    life.complete();

    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::heartbeat);
    assertThatExceptionOfType(Refusal.LeaseLost.class)
        .isThrownBy(() -> life.report(JobLife.progress(1, 2)));
  }
}
