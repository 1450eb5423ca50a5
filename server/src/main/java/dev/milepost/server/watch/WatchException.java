package dev.milepost.server.watch;

import com.google.protobuf.Message;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.ErrorStatus;
import dev.milepost.v1.ErrorReason;
import java.time.Duration;
import java.util.Map;

/** A watch or a wait cannot continue, although the server is healthy. */
public abstract sealed class WatchException extends CallerException {
  private WatchException(ErrorReason reason, String message, Message... details) {
    super(reason, message, Map.of(), details);
  }

  /** The position to resume from is beyond the journal. */
  public static final class OutOfRange extends WatchException {
    /** The journal ends at {@code last}, before the position. */
    public OutOfRange(long position, long last) {
      super(
          ErrorReason.POSITION_OUT_OF_RANGE,
          "after_sequence " + position + " is beyond the journal, which ends at " + last + ".");
    }
  }

  /** The position to resume from is one of a job that was deleted. */
  public static final class AnotherJob extends WatchException {
    /** Another job has its id now. */
    public AnotherJob(String jobId) {
      super(
          ErrorReason.POSITION_OUT_OF_RANGE,
          "The job to resume watching was deleted, and job "
              + jobId
              + " was created with its id: start a new watch, without after_sequence and"
              + " job_create_time.");
    }
  }

  /** Changes after the position are no longer kept, or the position is that of another server. */
  public static final class TooOld extends WatchException {
    /** The watch can only continue with a new snapshot. */
    public TooOld() {
      super(
          ErrorReason.POSITION_OUT_OF_RANGE,
          "The watch cannot continue from its position: start a new one, without resume_token.");
    }
  }

  /** The server is shutting down. */
  public static final class Draining extends WatchException {
    /** Another server, or this one after its restart, can continue from the same position. */
    public Draining() {
      super(
          ErrorReason.DRAINING,
          "The server is shutting down: reconnect and resume from the last position.",
          ErrorStatus.retryAfter(Duration.ofSeconds(1)));
    }
  }
}
