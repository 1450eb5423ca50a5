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
 * The table of a job's life: which command is legal in which state, and where it may lead.
 *
 * <p>Both switches name every case and have no default, so that a new state or command does not
 * compile until somebody decides what it means. Drawn in {@code docs/STATE_MACHINE.md}.
 */
public final class Transitions {
  /** Stands in a set of targets for "the job is gone". */
  public static final JobState GONE = JOB_STATE_UNSPECIFIED;

  private static final Set<JobState> ILLEGAL = Set.of();
  private static final Set<JobState> QUEUED = Set.of(JOB_STATE_QUEUED);
  private static final Set<JobState> RUNNING = Set.of(JOB_STATE_RUNNING);
  private static final Set<JobState> CANCELLING = Set.of(JOB_STATE_CANCELLING);
  private static final Set<JobState> SUCCEEDED = Set.of(JOB_STATE_SUCCEEDED);
  private static final Set<JobState> CANCELLED = Set.of(JOB_STATE_CANCELLED);
  private static final Set<JobState> DELETED = Set.of(GONE);

  private Transitions() {}

  /**
   * The states that a command may lead to.
   *
   * @return the legal states after the command, {@link #GONE} among them where the job may be
   *     deleted; empty where the command is illegal in that state
   * @throws IllegalArgumentException for a state that no job is ever in
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
            case REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, RETRY -> ILLEGAL;
          };
      case JOB_STATE_RUNNING ->
          switch (command) {
            case REPORT, HEARTBEAT, UPDATE -> RUNNING;
            case COMPLETE -> SUCCEEDED;
            case FAIL -> Set.of(JOB_STATE_QUEUED, JOB_STATE_FAILED);
            case RELEASE -> QUEUED;
            case CANCEL -> CANCELLING;
            case TICK -> Set.of(JOB_STATE_RUNNING, JOB_STATE_QUEUED, JOB_STATE_FAILED);
            case CLAIM, CONFIRM_CANCEL, RETRY, DELETE -> ILLEGAL;
          };
      case JOB_STATE_CANCELLING ->
          switch (command) {
            case REPORT, HEARTBEAT, UPDATE, CANCEL -> CANCELLING;
            case COMPLETE -> SUCCEEDED;
            case FAIL, CONFIRM_CANCEL -> CANCELLED;
            case TICK -> Set.of(JOB_STATE_CANCELLING, JOB_STATE_CANCELLED);
            case CLAIM, RELEASE, RETRY, DELETE -> ILLEGAL;
          };
      case JOB_STATE_SUCCEEDED ->
          switch (command) {
            case DELETE -> DELETED;
            case UPDATE -> SUCCEEDED;
            case TICK -> Set.of(JOB_STATE_SUCCEEDED, GONE);
            case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, CANCEL, RETRY ->
                ILLEGAL;
          };
      case JOB_STATE_FAILED, JOB_STATE_CANCELLED ->
          switch (command) {
            case RETRY -> QUEUED;
            case DELETE -> DELETED;
            case UPDATE -> Set.of(from);
            case TICK -> Set.of(from, GONE);
            case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE, CANCEL ->
                ILLEGAL;
          };
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no job is " + from);
    };
  }

  /**
   * The states that a command on a batch or task may lead to. What is legal is the same; but what
   * it leads to comes with the children, so a parent that is tried again runs at once, and one that
   * is deleted stays until they are gone.
   */
  static Set<JobState> targetsOfParent(JobState from, CommandKind command) {
    Set<JobState> targets = targets(from, command);
    if (targets.isEmpty()) {
      return ILLEGAL;
    }
    return switch (command) {
      case RETRY -> RUNNING;
      case DELETE, TICK -> Set.of(from);
      case CANCEL, UPDATE -> targets;
      case CLAIM, REPORT, HEARTBEAT, COMPLETE, FAIL, CONFIRM_CANCEL, RELEASE -> ILLEGAL;
    };
  }

  /**
   * The commands that are legal in a state, in the order of their declaration; without the clock's
   * own.
   */
  public static List<CommandKind> allowed(JobState from) {
    return allowed(command -> targets(from, command));
  }

  /** The same for a batch or task. */
  static List<CommandKind> allowedOfParent(JobState from) {
    return allowed(command -> targetsOfParent(from, command));
  }

  private static List<CommandKind> allowed(Function<CommandKind, Set<JobState>> targets) {
    return Arrays.stream(CommandKind.values())
        .filter(command -> command != CommandKind.TICK && !targets.apply(command).isEmpty())
        .toList();
  }

  /** Whether a state is one of the three that a job ends in. */
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
