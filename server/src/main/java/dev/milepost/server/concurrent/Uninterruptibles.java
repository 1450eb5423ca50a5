package dev.milepost.server.concurrent;

/**
 * Blocking calls that ignore interruption, for code that would lose accepted work if it gave up.
 */
public final class Uninterruptibles {
  private Uninterruptibles() {}

  /** A call that blocks. */
  public interface Blocking {
    /** Blocks until it is done. */
    void run() throws InterruptedException;
  }

  /** A call that blocks until it has a value. */
  public interface BlockingSupplier<T> {
    /** Blocks until there is a value, and returns it. */
    T get() throws InterruptedException;
  }

  /**
   * Makes a blocking call, and repeats it if it is interrupted. Restores the thread's interrupt
   * status afterwards.
   */
  public static void run(Blocking call) {
    get(
        () -> {
          call.run();
          return true;
        });
  }

  /**
   * Makes a blocking call, and repeats it if it is interrupted. Restores the thread's interrupt
   * status afterwards.
   */
  public static <T> T get(BlockingSupplier<T> call) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return call.get();
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
