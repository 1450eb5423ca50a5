package dev.milepost.server.store;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real Redis for tests: the one that MILEPOST_TEST_REDIS names, otherwise one that is started
 * once and ends with this process.
 */
public final class Redis {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static final long RUN = ProcessHandle.current().pid();

  private Redis() {}

  /** The URL of an empty store. */
  public static String emptyStore() {
    return Running.URL + "?prefix=test-" + RUN + "-" + PREFIXES.incrementAndGet();
  }

  /** Started on first use. */
  private static final class Running {
    private static final String URL = start();

    private static String start() {
      String given = System.getenv("MILEPOST_TEST_REDIS");
      return given != null && !given.isEmpty() ? given : RedisProcess.start(Map.of()).url();
    }
  }
}
