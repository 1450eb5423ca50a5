package dev.milepost.server.job;

import dev.milepost.v1.JobState;
import java.io.Serial;
import java.util.List;

/**
 * A rule says no. Nothing has been changed.
 *
 * <p>Thrown inside a decision it ends the decision; it reaches the caller as the failure of the
 * update. Refusals are answers and not faults, hence they carry no stack trace.
 */
public abstract sealed class Refusal extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private Refusal(String message) {
    super(message, null, false, false);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** There is no such thing, or the caller may not see it: the two look the same. */
  public static final class JobNotFound extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String resourceName;

    /** No job of that id. */
    public JobNotFound(String jobId) {
      super("There is no job " + jobId + ".");
      this.resourceName = jobId;
    }

    /** Id as the caller gave it. */
    public String resourceName() {
      return resourceName;
    }
  }

  /** A job of that id exists. */
  public static final class JobAlreadyExists extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** The id is taken. */
    public JobAlreadyExists(String jobId) {
      super("A job " + jobId + " exists already.");
      this.jobId = jobId;
    }

    /** Id that is taken. */
    public String jobId() {
      return jobId;
    }
  }

  /** A request_id came again with other content. */
  public static final class RequestIdReused extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final transient List<String> fields;

    /** The fields differ from those of the first request. */
    public RequestIdReused(List<String> fields) {
      super(
          "The request_id was used for a request that differs in: "
              + String.join(", ", fields)
              + ".");
      this.fields = List.copyOf(fields);
    }

    /** Names of the fields that differ, sorted; never their values. */
    public List<String> fields() {
      return fields;
    }
  }

  /** Fields of the request are bad. */
  public static final class InvalidArgument extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final transient List<FieldViolation> violations;

    /** The violations, at least one. */
    public InvalidArgument(List<FieldViolation> violations) {
      super(sentence(violations));
      this.violations = List.copyOf(violations);
    }

    /** One bad field. */
    public InvalidArgument(String field, String description) {
      this(List.of(new FieldViolation(field, description)));
    }

    private static String sentence(List<FieldViolation> violations) {
      FieldViolation first = violations.get(0);
      String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
      return first.field() + " " + first.description() + more + ".";
    }

    /** All that is wrong, in the order of the fields. */
    public List<FieldViolation> violations() {
      return violations;
    }
  }

  /** The job's state forbids the command. */
  public static final class InvalidStateTransition extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;
    private final JobState state;
    private final CommandKind command;
    private final transient List<CommandKind> allowed;

    /** The command is illegal in that state. */
    public InvalidStateTransition(String jobId, JobState state, CommandKind command) {
      this(jobId, state, command, Transitions.allowed(state));
    }

    /** The command is illegal in that state, where these would be legal. */
    InvalidStateTransition(
        String jobId, JobState state, CommandKind command, List<CommandKind> allowed) {
      super(
          "Job %s is %s: it cannot %s%s."
              .formatted(
                  jobId,
                  EnumNames.of(state),
                  EnumNames.of(command),
                  command == CommandKind.DELETE ? "; cancel it first" : ""));
      this.jobId = jobId;
      this.state = state;
      this.command = command;
      this.allowed = allowed;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }

    /** State that it is in. */
    public JobState state() {
      return state;
    }

    /** Command that was refused. */
    public CommandKind command() {
      return command;
    }

    /** Commands that would have been legal. */
    public List<CommandKind> allowed() {
      return allowed;
    }
  }

  /** A question has no kept answer, and too many jobs would have to be looked at for it. */
  public static final class TooManyMatchingJobs extends Refusal {
    @Serial private static final long serialVersionUID = 1;

    /**
     * More jobs match than may, or too many would have to be looked through to find them.
     *
     * @param purpose what they would be looked at for, such as "sort by priority"
     * @param most jobs that may match
     */
    public TooManyMatchingJobs(String purpose, int most) {
      super(
          "To %s, at most %d jobs may match, and stand among not too many others: narrow the filter by user, state, type or parent."
              .formatted(purpose, most));
    }
  }

  /** The job has not finished, and the command is for finished jobs only. */
  public static final class JobNotFinished extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;
    private final JobState state;

    /** The job is in a state that it will leave by itself. */
    public JobNotFinished(String jobId, JobState state) {
      super(
          "Job %s is %s and has not finished: wait for its end, or cancel it first."
              .formatted(jobId, EnumNames.of(state)));
      this.jobId = jobId;
      this.state = state;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }

    /** State that it is in. */
    public JobState state() {
      return state;
    }
  }

  /** A child of a batch or task may not be changed in this way by itself. */
  public static final class ChildJob extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;
    private final String parentId;

    /** The job goes with its parent: it is deleted with it, and not tried again after its end. */
    public ChildJob(String jobId, String parentId) {
      super(
          "Job %s is a part of %s: delete that one, or try that one again once it has ended."
              .formatted(jobId, parentId));
      this.jobId = jobId;
      this.parentId = parentId;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }

    /** Its batch or task. */
    public String parentId() {
      return parentId;
    }
  }

  /** A batch takes in no more children. */
  public static final class BatchClosed extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** It was cancelled, or given up, since nothing came for too long. */
    public BatchClosed(String jobId) {
      super(
          "Batch %s was cancelled or given up while it was made, and is gone: begin anew."
              .formatted(jobId));
      this.jobId = jobId;
    }

    /** The batch. */
    public String jobId() {
      return jobId;
    }
  }

  /** What an earlier stream of the same request has left of a batch stands in the way. */
  public static final class BatchBeingRemoved extends Refusal {
    @Serial private static final long serialVersionUID = 1;

    /** It goes, and soon is gone. */
    public BatchBeingRemoved(String jobId) {
      super(
          "What an earlier stream of this request left of batch %s is being cleared away: try again."
              .formatted(jobId));
    }
  }

  /** The items of a batch are its children's. */
  public static final class ParentHasNoItems extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** The job is a parent, and has no items of its own. */
    public ParentHasNoItems(String jobId) {
      super(
          "Job %s has children, and they have the items: retry it, or the failed items of one of them."
              .formatted(jobId));
      this.jobId = jobId;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }
  }

  /** There is nothing to try again. */
  public static final class NoFailedItems extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** No item of the job failed. */
    public NoFailedItems(String jobId) {
      super("No item of job " + jobId + " failed.");
      this.jobId = jobId;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }
  }

  /** The attempt is over: its token proves nothing any more. */
  public static final class LeaseLost extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** The token is not that of the job's current attempt, or its lease has ended. */
    public LeaseLost(String jobId) {
      super("This attempt on job " + jobId + " is over: stop; nothing was written.");
      this.jobId = jobId;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }
  }

  /** Reports of an attempt arrived with a hole between them. */
  public static final class ReportSequenceGap extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;
    private final long expected;

    /** The next report_seq would have been {@code expected}. */
    public ReportSequenceGap(String jobId, long expected, long actual) {
      super(
          "Job %s expects report_seq %d next, not %d: send what lies between first."
              .formatted(jobId, expected, actual));
      this.jobId = jobId;
      this.expected = expected;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }

    /** Number that the next report must have. */
    public long expected() {
      return expected;
    }
  }

  /** The etag is not the job's any more. */
  public static final class EtagMismatch extends Refusal {
    @Serial private static final long serialVersionUID = 1;
    private final String jobId;

    /** Somebody changed the job's spec meanwhile. */
    public EtagMismatch(String jobId) {
      super("Job " + jobId + " was changed meanwhile: read it again and repeat the change.");
      this.jobId = jobId;
    }

    /** The job. */
    public String jobId() {
      return jobId;
    }
  }
}
