package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Struct;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every pair of state and command, compared with the table of the design. */
class TransitionsTest {
  /** From, command, to. Pairs that are missing are not allowed. "gone": the job is deleted. */
  private static final String TABLE =
      """
      QUEUED      claim           RUNNING
      QUEUED      cancel          CANCELLED
      QUEUED      delete          gone
      QUEUED      update          QUEUED
      QUEUED      tick            QUEUED FAILED gone

      RUNNING     report          RUNNING
      RUNNING     heartbeat       RUNNING
      RUNNING     complete        SUCCEEDED
      RUNNING     fail            QUEUED FAILED
      RUNNING     release         QUEUED
      RUNNING     cancel          CANCELLING
      RUNNING     update          RUNNING
      RUNNING     tick            RUNNING QUEUED FAILED

      CANCELLING  report          CANCELLING
      CANCELLING  heartbeat       CANCELLING
      CANCELLING  complete        SUCCEEDED
      CANCELLING  fail            CANCELLED
      CANCELLING  confirm_cancel  CANCELLED
      CANCELLING  cancel          CANCELLING
      CANCELLING  update          CANCELLING
      CANCELLING  tick            CANCELLING CANCELLED

      SUCCEEDED   delete          gone
      SUCCEEDED   update          SUCCEEDED
      SUCCEEDED   tick            SUCCEEDED gone

      FAILED      retry           QUEUED
      FAILED      delete          gone
      FAILED      update          FAILED
      FAILED      tick            FAILED gone

      CANCELLED   retry           QUEUED
      CANCELLED   delete          gone
      CANCELLED   cancel          CANCELLED
      CANCELLED   update          CANCELLED
      CANCELLED   tick            CANCELLED gone
      """;

  private static final Map<JobState, Map<CommandKind, Set<String>>> EXPECTED = parse();

  private static Map<JobState, Map<CommandKind, Set<String>>> parse() {
    Map<JobState, Map<CommandKind, Set<String>>> table = new EnumMap<>(JobState.class);
    for (String row : TABLE.lines().filter(line -> !line.isBlank()).toList()) {
      List<String> words = List.of(row.trim().split(" +"));
      Set<String> before =
          table
              .computeIfAbsent(
                  JobState.valueOf("JOB_STATE_" + words.get(0)),
                  state -> new EnumMap<>(CommandKind.class))
              .put(
                  CommandKind.valueOf(words.get(1).toUpperCase(java.util.Locale.ROOT)),
                  new TreeSet<>(words.subList(2, words.size())));
      assertThat(before).as("a pair that occurs twice: %s", row).isNull();
    }
    return table;
  }

  static Stream<JobState> states() {
    return Arrays.stream(JobState.values()).filter(JobFilters::isJobState);
  }

  static Stream<Arguments> pairs() {
    return states()
        .flatMap(
            state ->
                Arrays.stream(CommandKind.values()).map(command -> Arguments.of(state, command)));
  }

  private static Set<String> expected(JobState from, CommandKind command) {
    return EXPECTED.getOrDefault(from, Map.of()).getOrDefault(command, Set.of());
  }

  private static Set<String> names(Set<JobState> states) {
    Set<String> names = new TreeSet<>();
    states.forEach(state -> names.add(state == Transitions.GONE ? "gone" : EnumNames.of(state)));
    return names;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("pairs")
  void leadsToTheStatesOfTheTable(JobState from, CommandKind command) {
    assertThat(names(Transitions.targets(from, command))).isEqualTo(expected(from, command));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("pairs")
  void theRulesFollowTheTable(JobState from, CommandKind command) {
    JobLife life = JobLife.in(from);

    Throwable refusal = catchThrowable(() -> life.run(command(command, life.token)));

    if (!expected(from, command).isEmpty()) {
      assertThat(refusal).isNull();
      assertThat(life.gone ? "gone" : EnumNames.of(life.state())).isIn(expected(from, command));
    } else if (command(command, "") instanceof JobCommand.OfAttempt && !Transitions.isHeld(from)) {
      assertThat(refusal).isInstanceOf(Refusal.LeaseLost.class);
    } else {
      assertThat(refusal)
          .isInstanceOfSatisfying(
              Refusal.InvalidStateTransition.class,
              move -> {
                assertThat(move.getMessage())
                    .contains(" is " + EnumNames.of(from) + ":", "cannot " + EnumNames.of(command));
                assertThat(move.allowed()).doesNotContain(command).isNotEmpty();
              });
    }
  }

  @Test
  void allowedCommandsDoNotIncludeTicks() {
    assertThat(Transitions.allowed(JobState.JOB_STATE_QUEUED))
        .containsExactly(
            CommandKind.CLAIM, CommandKind.CANCEL, CommandKind.DELETE, CommandKind.UPDATE);
    assertThat(Transitions.allowed(JobState.JOB_STATE_SUCCEEDED))
        .containsExactly(CommandKind.DELETE, CommandKind.UPDATE);
  }

  @Test
  void threeStatesAreFinishedAndTwoAreHeld() {
    assertThat(states().filter(Transitions::isFinished))
        .containsExactly(
            JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);
    assertThat(states().filter(Transitions::isHeld))
        .containsExactly(JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_CANCELLING);
  }

  @ParameterizedTest
  @EnumSource(CommandKind.class)
  void statesThatNoJobCanBeInAreRefused(CommandKind command) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Transitions.targets(JobState.JOB_STATE_UNSPECIFIED, command));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Transitions.targets(JobState.UNRECOGNIZED, command));
  }

  @Test
  void theRefusalToDeleteARunningJobSaysWhatToDo() {
    assertThat(catchThrowable(() -> JobLife.running().delete()))
        .hasMessage("Job job-1 is RUNNING: it cannot delete; cancel it first.");
  }

  private static JobCommand command(CommandKind kind, String token) {
    Report report = JobLife.nothing();
    // Differs from the command that ended the attempt, so it is not a repetition.
    return switch (kind) {
      case CLAIM -> new JobCommand.Claim("another worker", "another token");
      case REPORT -> new JobCommand.ReportProgress(token, report, Map.of());
      case HEARTBEAT -> new JobCommand.Heartbeat(token);
      case COMPLETE ->
          new JobCommand.Complete(token, report, Map.of(), JobLife.struct("other", "result"));
      case FAIL -> new JobCommand.Fail(token, report, Map.of(), JobLife.error("OTHER", false));
      case CONFIRM_CANCEL ->
          new JobCommand.ConfirmCancel(token, JobLife.progress(1, 2).build(), Map.of());
      case RELEASE -> new JobCommand.Release(token, report, Map.of(), "other reason");
      case CANCEL -> new JobCommand.Cancel("ann", "", null);
      case RETRY -> new JobCommand.Retry("ann");
      case DELETE -> new JobCommand.Delete("");
      case UPDATE ->
          new JobCommand.Update(
              JobSpec.newBuilder().setMetadata(Struct.getDefaultInstance()).build(),
              FieldMask.newBuilder().addPaths("metadata").build(),
              "");
      case TICK -> new JobCommand.Tick();
    };
  }
}
