package dev.milepost.server.watch;

import java.io.Serial;

/** A watch or a wait cannot go on, though nothing is wrong with the server. */
public abstract sealed class WatchException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private WatchException(String message) {
    super(message, null, false, false);
  }

  /** The position to resume from lies beyond the journal. */
  public static final class OutOfRange extends WatchException {
    @Serial private static final long serialVersionUID = 1;

    /** The journal ends before the position. */
    public OutOfRange(long position, long last) {
      super("after_sequence " + position + " is beyond the journal, which ends at " + last + ".");
    }
  }

  /** What follows the position is not kept any more, or the position is that of another server. */
  public static final class TooOld extends WatchException {
    @Serial private static final long serialVersionUID = 1;

    /** Only a new snapshot leads on. */
    public TooOld() {
      super("The watch cannot go on from where it was: begin a new one, without resume_token.");
    }
  }

  /** The server is about to stop. */
  public static final class Draining extends WatchException {
    @Serial private static final long serialVersionUID = 1;

    /** Another server, or this one after its restart, goes on from the same position. */
    public Draining() {
      super("The server is shutting down: connect again and resume by position.");
    }
  }
}
