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
 * What somebody, or the clock, wants to happen to a job that exists.
 *
 * <p>Commands are plain values and must have passed {@link ReportValidation} and its kin. Optional
 * texts are empty, never null.
 */
public sealed interface JobCommand {
  /** Which column of the table this is. */
  CommandKind kind();

  /** A command of the worker that holds the job: it proves itself by its token. */
  sealed interface OfAttempt extends JobCommand {
    /** Token of the attempt. */
    String attemptToken();

    /** What is reported together with the command; the default instance where nothing is. */
    Report report();

    /**
     * Items of the job as they are now, by id, of those that {@link #report()} names; an id that is
     * missing is new.
     */
    Map<String, Item> knownItems();
  }

  /** A worker takes the job. */
  record Claim(String workerId, String attemptToken) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.CLAIM;
    }
  }

  /** A worker tells how it goes. */
  record ReportProgress(String attemptToken, Report report, Map<String, Item> knownItems)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.REPORT;
    }
  }

  /** A worker tells that it lives. */
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

  /** A worker has done the work. */
  record Complete(String attemptToken, Report report, Map<String, Item> knownItems, Struct result)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.COMPLETE;
    }
  }

  /** A worker could not do the work. */
  record Fail(String attemptToken, Report report, Map<String, Item> knownItems, JobError error)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.FAIL;
    }
  }

  /** A worker has stopped as it was asked. */
  record ConfirmCancel(String attemptToken, Report report, Map<String, Item> knownItems)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.CONFIRM_CANCEL;
    }
  }

  /** A worker gives the job back. */
  record Release(String attemptToken, Report report, Map<String, Item> knownItems, String reason)
      implements OfAttempt {
    @Override
    public CommandKind kind() {
      return CommandKind.RELEASE;
    }
  }

  /**
   * A user wants the job to stop.
   *
   * @param grace how long the worker may take; null: as the job says
   */
  record Cancel(String requestedBy, String reason, @Nullable Duration grace) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.CANCEL;
    }
  }

  /** A user wants a failed or cancelled job to run again. */
  record Retry(String requestedBy) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.RETRY;
    }
  }

  /**
   * A user wants the job gone.
   *
   * @param etag the job's etag as the user knows it; empty: any
   * @param finishedOnly whether it must have finished, so that no work is called off by this
   */
  record Delete(String etag, boolean finishedOnly) implements JobCommand {
    /** Whether it has finished or waits. */
    public Delete(String etag) {
      this(etag, false);
    }

    @Override
    public CommandKind kind() {
      return CommandKind.DELETE;
    }
  }

  /**
   * The owner changes the spec.
   *
   * @param etag the job's etag as the owner knows it; empty: any
   */
  record Update(JobSpec spec, FieldMask mask, String etag) implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.UPDATE;
    }
  }

  /** The clock asks whether a time of the job is due. */
  record Tick() implements JobCommand {
    @Override
    public CommandKind kind() {
      return CommandKind.TICK;
    }
  }
}
