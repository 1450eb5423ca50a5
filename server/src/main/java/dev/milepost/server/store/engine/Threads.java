package dev.milepost.server.store.engine;

/**
 * Waiting on threads that nobody may interrupt: an interruption must not lose what was handed in.
 */
public final class Threads {
  private Threads() {}

  /** Something that waits. */
  public interface Wait {
    void run() throws InterruptedException;
  }

  /** Something that waits for a value. */
  public interface WaitFor<T> {
    T get() throws InterruptedException;
  }

  /** Waits through interruptions; the thread is interrupted afterwards if it was meanwhile. */
  public static void await(Wait wait) {
    get(
        () -> {
          wait.run();
          return true;
        });
  }

  /** Waits through interruptions; the thread is interrupted afterwards if it was meanwhile. */
  public static <T> T get(WaitFor<T> wait) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
