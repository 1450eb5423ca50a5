package dev.milepost.server.job;

import static dev.milepost.v1.JobState.JOB_STATE_CANCELLED;
import static dev.milepost.v1.JobState.JOB_STATE_CANCELLING;
import static dev.milepost.v1.JobState.JOB_STATE_FAILED;
import static dev.milepost.v1.JobState.JOB_STATE_QUEUED;
import static dev.milepost.v1.JobState.JOB_STATE_RUNNING;
import static dev.milepost.v1.JobState.JOB_STATE_SUCCEEDED;
import static dev.milepost.v1.JobState.JOB_STATE_UNSPECIFIED;

import dev.milepost.v1.JobState;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The table of state transitions: which commands each state allows, and which states they may lead
 * to.
 *
 * <p>The switches name every case and have no default, so that a new state or command does not
 * compile until its transitions are decided. {@code docs/STATE_MACHINE.md} draws the table.
 */
public final class Transitions {
  /** Stands for "the job is deleted" in a set of target states. */
  public static final JobState GONE = JOB_STATE_UNSPECIFIED;

  private static final Set<JobState> NOT_ALLOWED = Set.of();
  private static final Set<JobState> QUEUED = Set.of(JOB_STATE_QUEUED);
  private static final Set<JobState> RUNNING = Set.of(JOB_STATE_RUNNING);
  private static final Set<JobState> CANCELLING = Set.of(JOB_STATE_CANCELLING);
  private static final Set<JobState> SUCCEEDED = Set.of(JOB_STATE_SUCCEEDED);
  private static final Set<JobState> FAILED = Set.of(JOB_STATE_FAILED);
  private static final Set<JobState> CANCELLED = Set.of(JOB_STATE_CANCELLED);
  private static final Set<JobState> DELETED = Set.of(GONE);

  private Transitions() {}

  /**
   * Returns the states that a command may lead to: {@link #GONE} is among them if it may delete the
   * job. Empty if the state does not allow the command.
   *
   * @throws IllegalArgumentException if no job can be in the state
   */
  public static Set<JobState> targets(JobState from, CommandKind command) {
    return switch (from) {
      case JOB_STATE_QUEUED ->
          switch (command) {
            case CLAIM -> RUNNING;
            case CANCEL -> CANCELLED;
            case DELETE -> DELETED;
            case UPDATE -> QUEUED;
            case TICK -> Set.of(JOB_STATE_QUEUED, JOB_STATE_FAILED, GONE);
            case REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, RETRY -> NOT_ALLOWED;
          };
      case JOB_STATE_RUNNING ->
          switch (command) {
            case REPORT, HEARTBEAT, UPDATE -> RUNNING;
            case COMPLETE -> SUCCEEDED;
            case FAIL -> Set.of(JOB_STATE_QUEUED, JOB_STATE_FAILED);
            case RELEASE -> QUEUED;
            case CANCEL -> CANCELLING;
            case TICK -> Set.of(JOB_STATE_RUNNING, JOB_STATE_QUEUED, JOB_STATE_FAILED);
            case CLAIM, CONFIRM_CANCEL, RETRY, DELETE -> NOT_ALLOWED;
          };
      case JOB_STATE_CANCELLING ->
          switch (command) {
            case REPORT, HEARTBEAT, UPDATE, CANCEL -> CANCELLING;
            case COMPLETE -> SUCCEEDED;
            case FAIL, CONFIRM_CANCEL -> CANCELLED;
            case TICK -> Set.of(JOB_STATE_CANCELLING, JOB_STATE_CANCELLED);
            case CLAIM, RELEASE, RETRY, DELETE -> NOT_ALLOWED;
          };
      case JOB_STATE_SUCCEEDED ->
          switch (command) {
            case DELETE -> DELETED;
            case UPDATE -> SUCCEEDED;
            case TICK -> Set.of(JOB_STATE_SUCCEEDED, GONE);
            case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, CANCEL, RETRY ->
                NOT_ALLOWED;
          };
      case JOB_STATE_FAILED ->
          switch (command) {
            case RETRY -> QUEUED;
            case DELETE -> DELETED;
            case UPDATE -> FAILED;
            case TICK -> Set.of(JOB_STATE_FAILED, GONE);
            case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, CANCEL ->
                NOT_ALLOWED;
          };
      case JOB_STATE_CANCELLED ->
          switch (command) {
            case RETRY -> QUEUED;
            case DELETE -> DELETED;
            case CANCEL, UPDATE -> CANCELLED;
            case TICK -> Set.of(JOB_STATE_CANCELLED, GONE);
            case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE -> NOT_ALLOWED;
          };
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the state of a job: " + from);
    };
  }

  /**
   * Returns the states that a command on a batch or task may lead to. The same commands are
   * allowed, but their effect depends on the children: a retried parent is running immediately, and
   * a deleted one stays until its children are gone.
   */
  static Set<JobState> targetsOfParent(JobState from, CommandKind command) {
    Set<JobState> targets = targets(from, command);
    if (targets.isEmpty()) {
      return NOT_ALLOWED;
    }
    return switch (command) {
      case RETRY -> RUNNING;
      case DELETE, TICK -> Set.of(from);
      case CANCEL, UPDATE -> targets;
      case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE -> NOT_ALLOWED;
    };
  }

  /**
   * Returns the commands that a state allows, in the order of their declaration, without {@link
   * CommandKind#TICK}.
   */
  public static List<CommandKind> allowed(JobState from) {
    return allowed(command -> targets(from, command));
  }

  /** Returns the commands that a state of a batch or task allows. */
  static List<CommandKind> allowedOfParent(JobState from) {
    return allowed(command -> targetsOfParent(from, command));
  }

  private static List<CommandKind> allowed(Function<CommandKind, Set<JobState>> targets) {
    return Arrays.stream(CommandKind.values())
        .filter(command -> command != CommandKind.TICK && !targets.apply(command).isEmpty())
        .toList();
  }

  /** Whether a state is a finished state. */
  public static boolean isFinished(JobState state) {
    return FINISHED.contains(state);
  }

  /** Whether a worker holds a job in this state. */
  public static boolean isHeld(JobState state) {
    return state == JOB_STATE_RUNNING || state == JOB_STATE_CANCELLING;
  }

  private static final Set<JobState> FINISHED =
      EnumSet.of(JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED);
}
