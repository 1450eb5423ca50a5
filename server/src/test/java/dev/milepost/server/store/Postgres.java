package dev.milepost.server.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PostgreSQL for tests: the one that MILEPOST_TEST_POSTGRES names, otherwise one that is
 * started once and ends with this process.
 */
public final class Postgres {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();
  private static final long RUN = ProcessHandle.current().pid();

  private Postgres() {}

  /** The URL of an empty store. */
  public static String emptyStore() {
    return Running.URL
        + (Running.URL.contains("?") ? "&" : "?")
        + "currentSchema=test_"
        + RUN
        + "_"
        + SCHEMAS.incrementAndGet();
  }

  /** Started on first use. */
  private static final class Running {
    private static final String URL = start();

    private static String start() {
      String given = System.getenv("MILEPOST_TEST_POSTGRES");
      if (given != null && !given.isEmpty()) {
        return given;
      }
      try {
        EmbeddedPostgres postgres =
            EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        return "postgresql://postgres@localhost:" + postgres.getPort() + "/postgres";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
