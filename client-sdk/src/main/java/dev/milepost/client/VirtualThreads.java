package dev.milepost.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** The virtual threads of Java 21 and later, for a library that is compiled for 17. */
final class VirtualThreads {
  private VirtualThreads() {}

  /**
   * Returns an executor that starts a virtual thread for each task.
   *
   * @throws IllegalStateException if this Java has none
   */
  static Executor executor() {
    try {
      return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException | UnsupportedOperationException e) {
      throw new IllegalStateException(
          "Virtual threads need Java 21 or later; this is Java "
              + Runtime.version().feature()
              + ". Leave out virtualThreads(), or use executor(...).",
          e);
    }
  }
}
