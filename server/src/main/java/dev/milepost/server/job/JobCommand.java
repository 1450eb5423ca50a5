package dev.milepost.server.job;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Struct;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.Report;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command for an existing job.
 *
 * <p>Commands are plain values and must be validated, such as by {@link ReportValidation}. Optional
 * texts are empty, never null.
 */
public sealed interface JobCommand {
  /** Column of this command in the table of transitions. */
  CommandKind kind();

  /** A command of the worker that holds the job, proved by its attempt token. */
  sealed interface OfAttempt extends JobCommand {
    /** Token of the attempt. */
    String attemptToken();

    /** Report that comes with the command; the default instance if there is none. */
    Report report();

    /**
     * The items that {@link #report()} names as they are now, by id. Ids that are missing are new.
     */
    Map<String, Item> knownItems();
  }

  /** A worker claims the job. */
  record Claim(String workerId, String attemptToken) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.CLAIM;
    }
  }

  /** A worker reports. */
  record ReportProgress(String attemptToken, Report report, Map<String, Item> knownItems)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.REPORT;
    }
  }

  /** A worker renews its lease. */
  record Heartbeat(String attemptToken) implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.HEARTBEAT;
    }

    @Override
    public Report report() {
      return Report.getDefaultInstance();
    }

    @Override
    public Map<String, Item> knownItems() {
      return Map.of();
    }
  }

  /** A worker has completed the work. */
  record Complete(String attemptToken, Report report, Map<String, Item> knownItems, Struct result)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.COMPLETE;
    }
  }

  /** The work has failed. */
  record Fail(String attemptToken, Report report, Map<String, Item> knownItems, JobError error)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.FAIL;
    }
  }

  /** A worker has stopped because of a cancel. */
  record ConfirmCancel(String attemptToken, Report report, Map<String, Item> knownItems)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.CONFIRM_CANCEL;
    }
  }

  /** A worker releases the job. */
  record Release(String attemptToken, Report report, Map<String, Item> knownItems, String reason)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.RELEASE;
    }
  }

  /**
   * A user cancels the job.
   *
   * @param grace how long the worker may take to confirm; null: the job's own value
   */
  record Cancel(String requestedBy, String reason, @Nullable Duration grace) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.CANCEL;
    }
  }

  /** A user retries a failed or cancelled job. */
  record Retry(String requestedBy) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.RETRY;
    }
  }

  /**
   * A user deletes the job.
   *
   * @param etag etag that the job must have; empty: any
   * @param finishedOnly whether the job must have finished, so that no queued work is lost
   */
  record Delete(String etag, boolean finishedOnly) implements JobCommand {
    /** Deletes a finished or queued job. */
    public Delete(String etag) {
      this(etag, false);
    }

    @Override
    public CommandKind kind() {
      return CommandKind.DELETE;
    }
  }

  /**
   * The owner updates the spec.
   *
   * @param etag etag that the job must have; empty: any
   */
  record Update(JobSpec spec, FieldMask mask, String etag) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.UPDATE;
    }
  }

  /** A timer of the job may be due. */
  record Tick() implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.TICK;
    }
  }
}
