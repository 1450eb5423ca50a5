package dev.milepost.server.concurrent;

import java.util.concurrent.ThreadFactory;

/** The server's thread factories: every thread has a name that says what it is for. */
public final class ThreadFactories {
  private ThreadFactories() {}

  /**
   * Returns a factory of daemon threads, which do not keep the process alive.
   *
   * @param name of every thread that it makes
   */
  public static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Returns a factory of threads that keep the process alive until they end: for work that must not
   * be cut off halfway.
   *
   * @param name of every thread that it makes
   */
  public static ThreadFactory nonDaemon(String name) {
    return task -> new Thread(task, name);
  }
}
