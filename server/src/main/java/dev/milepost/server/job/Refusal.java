package dev.milepost.server.job;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import dev.milepost.v1.ErrorReason;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A rule does not allow a command. Nothing has been changed.
 *
 * <p>Thrown inside a decision it ends the decision, and the store's update fails with it. Each kind
 * is named after its {@link ErrorReason}, and defines here all that its caller receives.
 */
public abstract sealed class Refusal extends CallerException {
  private Refusal(
      ErrorReason reason, String message, Map<String, String> metadata, Message... details) {
    super(reason, message, metadata, details);
  }

  /** There is no such job, or the caller may not see it: the caller cannot tell which. */
  public static final class JobNotFound extends Refusal {
    /** No job has this id. */
    public JobNotFound(String jobId) {
      super(
          ErrorReason.JOB_NOT_FOUND,
          "There is no job " + jobId + ".",
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** The job that the first request with a request_id created is gone. */
  public static final class CreatedJobDeleted extends Refusal {
    /** The job was deleted, or the caller may no longer see it. */
    public CreatedJobDeleted(String jobId) {
      super(
          ErrorReason.CREATED_JOB_DELETED,
          "Job %s, which the first request with this request_id created, was deleted: use another request_id for a new job."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** The job exists, but its stored record is damaged. */
  public static final class JobUnreadable extends Refusal {
    /** The job with this id cannot be read. Only a caller that may see the job may receive this. */
    public JobUnreadable(String jobId) {
      super(
          ErrorReason.JOB_UNREADABLE,
          "Job %s is damaged in the store and cannot be read: delete it, or restore it from a backup."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** What the server stored of an idempotent request is damaged. */
  public static final class RequestUnreadable extends Refusal {
    /** It is unknown what the first request with this request_id did. */
    public RequestUnreadable() {
      super(
          ErrorReason.REQUEST_UNREADABLE,
          "What the first request with this request_id did cannot be read any more: use another"
              + " request_id if the request must take effect.",
          Map.of());
    }
  }

  /** A job with the requested id exists. */
  public static final class JobAlreadyExists extends Refusal {
    /** The id is taken. */
    public JobAlreadyExists(String jobId) {
      super(
          ErrorReason.JOB_ALREADY_EXISTS,
          "Job " + jobId + " already exists.",
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** A request_id was used for a request with other content. */
  public static final class RequestIdReused extends Refusal {
    private final transient List<String> fields;

    /** The request differs from the first one in these parts, named by their paths. */
    public RequestIdReused(List<String> fields) {
      super(
          ErrorReason.REQUEST_ID_REUSED,
          "The request_id was used for a request that differs in: %s. Repeat that request, or use a new request_id."
              .formatted(String.join(", ", fields)),
          Map.of("fields", String.join(",", fields)));
      this.fields = List.copyOf(fields);
    }

    /** Returns the refusal of a request that has the compared message in a field, besides items. */
    public RequestIdReused within(String field) {
      return new RequestIdReused(
          fields.stream().map(path -> path.equals("items") ? path : field + '.' + path).toList());
    }

    /** Paths of what differs, at most ten; never its content. */
    public List<String> fields() {
      return fields;
    }
  }

  /** Fields of the request are invalid. */
  public static final class InvalidArgument extends Refusal {
    private final transient List<FieldViolation> violations;

    /** The request has these violations, at least one. */
    public InvalidArgument(List<FieldViolation> violations) {
      super(ErrorReason.INVALID_ARGUMENT, sentence(violations), Map.of(), badRequest(violations));
      this.violations = List.copyOf(violations);
    }

    /** The request has one invalid field. */
    public InvalidArgument(String field, String description) {
      this(List.of(new FieldViolation(field, description)));
    }

    private static String sentence(List<FieldViolation> violations) {
      FieldViolation first = violations.get(0);
      String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
      return first.field() + " " + first.description() + more + ".";
    }

    private static Message badRequest(List<FieldViolation> violations) {
      BadRequest.Builder details = BadRequest.newBuilder();
      for (FieldViolation violation : violations) {
        details
            .addFieldViolationsBuilder()
            .setField(violation.field())
            .setDescription(violation.description());
      }
      return details.build();
    }

    /**
     * Returns the same refusal of a part of a request.
     *
     * @param parent path of the part, with a dot at its end
     */
    public InvalidArgument within(String parent) {
      return new InvalidArgument(
          violations.stream()
              .map(found -> new FieldViolation(parent + found.field(), found.description()))
              .toList());
    }

    /** All violations, in the order of the fields. */
    public List<FieldViolation> violations() {
      return violations;
    }
  }

  /** The job's state does not allow the command. */
  public static final class InvalidStateTransition extends Refusal {
    private final transient List<CommandKind> allowed;

    /** The state does not allow the command, but these. */
    InvalidStateTransition(
        String jobId, JobState state, CommandKind command, List<CommandKind> allowed) {
      this(jobId, EnumNames.of(state), command, allowed, names(allowed));
    }

    private InvalidStateTransition(
        String jobId,
        String state,
        CommandKind command,
        List<CommandKind> allowed,
        String allowedNames) {
      super(
          ErrorReason.INVALID_STATE_TRANSITION,
          "Job %s is %s: it cannot %s%s."
              .formatted(
                  jobId,
                  state,
                  EnumNames.of(command),
                  command == CommandKind.DELETE ? "; cancel it first" : ""),
          Map.of("state", state, "command", command.name(), "allowed_commands", allowedNames),
          ErrorStatus.precondition(
              "STATE", jobId, "The job is " + state + ". Allowed commands: " + allowedNames + "."));
      this.allowed = allowed;
    }

    private static String names(List<CommandKind> commands) {
      return commands.stream().map(CommandKind::name).collect(Collectors.joining(","));
    }

    /** Commands that the state allows. */
    public List<CommandKind> allowed() {
      return allowed;
    }
  }

  /** The command needs a finished job. */
  public static final class JobNotFinished extends Refusal {
    private final JobState state;

    /** The job is in this state, which it will leave. */
    public JobNotFinished(String jobId, JobState state) {
      super(
          ErrorReason.JOB_NOT_FINISHED,
          "Job %s is %s and has not finished: wait until it ends, or cancel it first."
              .formatted(jobId, EnumNames.of(state)),
          Map.of("state", EnumNames.of(state)),
          ErrorStatus.precondition("STATE", jobId, "The job is " + EnumNames.of(state) + "."));
      this.state = state;
    }

    /** State of the job. */
    public JobState state() {
      return state;
    }
  }

  /** More jobs match than this request may read. */
  public static final class TooManyMatchingJobs extends Refusal {
    /**
     * More than the maximum match, or too many others would have to be read to find them.
     *
     * @param purpose what they would be read for, such as "sort by priority"
     */
    public TooManyMatchingJobs(String purpose, int max) {
      super(
          ErrorReason.TOO_MANY_MATCHING_JOBS,
          "To %s, at most %d jobs may match, among a limited number of others: narrow the filter by user, state, type or parent."
              .formatted(purpose, max),
          Map.of());
    }
  }

  /** No item of the job failed, so there is nothing to retry. */
  public static final class NoFailedItems extends Refusal {
    /** None of the job's items failed. */
    public NoFailedItems(String jobId) {
      super(
          ErrorReason.NO_FAILED_ITEMS,
          "Job " + jobId + " has no failed items to retry.",
          Map.of(),
          ErrorStatus.precondition("ITEMS", jobId, "No item of the job failed."));
    }
  }

  /** The job is a task: the jobs of its steps have the items. */
  public static final class ParentHasNoItems extends Refusal {
    /** The job is a task. */
    public ParentHasNoItems(String jobId) {
      super(
          ErrorReason.PARENT_HAS_NO_ITEMS,
          "The items of job %s belong to its children: retry the job, or the failed items of a child."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.precondition("KIND", jobId, "The items belong to the job's children."));
    }
  }

  /** A child job cannot be changed like this without its parent. */
  public static final class ChildJob extends Refusal {
    /** A child is deleted with its parent only, and not retried after its parent has finished. */
    public ChildJob(String jobId, String parentId) {
      super(
          ErrorReason.CHILD_JOB,
          "Job %s is a child of %s: delete the parent, or retry the parent once it has finished."
              .formatted(jobId, parentId),
          Map.of("parent_id", parentId),
          ErrorStatus.precondition("PARENT", jobId, "The job is a child of " + parentId + "."));
    }
  }

  /** The job has as many shares as a job can have. */
  public static final class TooManyShares extends Refusal {
    /** So many shares of the job have not expired. */
    public TooManyShares(String jobId, int max) {
      super(
          ErrorReason.TOO_MANY_SHARES,
          "Job %s has %d shares, the maximum: revoke one, or wait until one expires."
              .formatted(jobId, max),
          Map.of("max_shares", Integer.toString(max)),
          ErrorStatus.precondition("SHARES", jobId, "The job has " + max + " shares."));
    }
  }

  /** Reports of an attempt arrived with a gap between their numbers. */
  public static final class ReportSequenceGap extends Refusal {
    private final long expected;

    /** The next report_seq would have been {@code expected}. */
    public ReportSequenceGap(String jobId, long expected, long actual) {
      super(
          ErrorReason.REPORT_SEQUENCE_GAP,
          "Job %s expects report_seq %d next, not %d: send the missing reports first."
              .formatted(jobId, expected, actual),
          Map.of("expected_seq", Long.toString(expected)),
          ErrorStatus.job(jobId));
      this.expected = expected;
    }

    /** Number that the next report must have. */
    public long expected() {
      return expected;
    }
  }

  /** The attempt may not write any more. */
  public static final class LeaseLost extends Refusal {
    /** The token is not that of the job's current attempt. */
    public LeaseLost(String jobId) {
      super(
          ErrorReason.LEASE_LOST,
          "This attempt no longer holds job %s: stop working on it. Nothing was written."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.job(jobId));
    }

    /**
     * The server has ended the attempt.
     *
     * @param cause code of the error with which it ended
     * @param why a sentence
     */
    public LeaseLost(String jobId, String cause, String why) {
      super(
          ErrorReason.LEASE_LOST,
          "This attempt no longer holds job %s. %s Stop working on it. Nothing was written."
              .formatted(jobId, why),
          Map.of("cause", cause),
          ErrorStatus.job(jobId));
    }
  }

  /** The job's spec was changed since the etag was read. */
  public static final class EtagMismatch extends Refusal {
    /** The job has another etag. */
    public EtagMismatch(String jobId) {
      super(
          ErrorReason.ETAG_MISMATCH,
          "Job " + jobId + " was changed in the meantime: read it again and repeat the change.",
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** A batch takes no more children. */
  public static final class BatchClosed extends Refusal {
    /** The batch was cancelled, or abandoned because nothing arrived for too long. */
    public BatchClosed(String jobId) {
      super(
          ErrorReason.BATCH_CLOSED,
          "Batch %s was cancelled or abandoned before it was complete: create it again."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.job(jobId));
    }
  }

  /** The user that is to be erased has running jobs. */
  public static final class UserHasRunningJobs extends Refusal {
    /** So many jobs of the user are running or cancelling. */
    public UserHasRunningJobs(String userId, long running) {
      super(
          ErrorReason.USER_HAS_RUNNING_JOBS,
          "User %s has %d running jobs: cancel them first, or set cancel_running."
              .formatted(userId, running),
          Map.of("running_jobs", Long.toString(running)),
          ErrorStatus.precondition("STATE", userId, "Jobs of the user are running."));
    }
  }

  /** An unfinished batch of an earlier stream of the same request is still being removed. */
  public static final class BatchBeingRemoved extends Refusal {
    /** The batch will be gone soon. */
    public BatchBeingRemoved(String jobId) {
      super(
          ErrorReason.BATCH_BEING_REMOVED,
          "Batch %s of an earlier stream of this request is still being removed: try again."
              .formatted(jobId),
          Map.of(),
          ErrorStatus.retryAfter(Duration.ofSeconds(1)));
    }
  }
}
