package dev.milepost.server.store.open;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreUrls;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.store.postgres.PostgresJobStore;
import dev.milepost.server.store.redis.RedisJobStore;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Opens the store that a URL names. */
public final class StoreOpener {
  private static final String SQLITE = "sqlite:";

  /** URL of the memory store. */
  public static final String MEMORY = "memory:";

  private static final String POSTGRES = "postgresql:";
  private static final String REDIS = "redis:";
  private static final String REDIS_WITH_TLS = "rediss:";

  private StoreOpener() {}

  /**
   * Loads what opening the store will need, on its own thread, so that the caller can do other work
   * meanwhile. Does not block; does nothing for a URL that names no store.
   */
  public static void prepare(String url) {
    if (url.startsWith(SQLITE)) {
      // If two threads requested the first logger at once, SLF4J would warn on standard error.
      var unused = LoggerFactory.getILoggerFactory();
      ThreadFactories.daemon("milepost-prepare-store").newThread(SqliteJobStore::prepare).start();
    }
  }

  /**
   * Opens a store.
   *
   * @throws StoreException if the URL names no store, or the store cannot be opened
   */
  public static JobStore open(
      String url, StoreClock clock, int journalCap, CommitObserver observer) {
    return open(url, clock, journalCap, false, observer);
  }

  /**
   * Opens a store.
   *
   * @param acceptDataLoss whether to open a SQLite database of which something is missing or
   *     damaged, so that acknowledged changes may be lost
   * @throws StoreException if the URL names no store, or the store cannot be opened
   */
  public static JobStore open(
      String url,
      StoreClock clock,
      int journalCap,
      boolean acceptDataLoss,
      CommitObserver observer) {
    if (url.equals(MEMORY)) {
      return new MemoryJobStore(clock, journalCap, observer);
    }
    if (url.startsWith(POSTGRES)) {
      return PostgresJobStore.open(url, clock, journalCap, observer);
    }
    if (isRedis(url)) {
      return RedisJobStore.open(url, clock, journalCap, observer);
    }
    return SqliteJobStore.open(
        sqliteFile(url).orElseThrow(() -> unknown(url)),
        clock,
        journalCap,
        acceptDataLoss,
        observer);
  }

  /**
   * Checks the form of a URL without opening the store.
   *
   * @throws StoreException if the URL names no store
   */
  public static void requireValid(String url) {
    if (url.startsWith(POSTGRES)) {
      PostgresJobStore.requireValid(url);
    } else if (isRedis(url)) {
      RedisJobStore.requireValid(url);
    } else if (!url.equals(MEMORY) && sqliteFile(url).isEmpty()) {
      throw unknown(url);
    }
  }

  private static StoreException unknown(String url) {
    return new StoreException(
        StoreException.Outcome.NOT_APPLIED,
        "The store \""
            + StoreUrls.redacted(url)
            + "\" is unknown. Use sqlite:PATH, such as sqlite:data/milepost.db,"
            + " postgresql://USER:PASSWORD@HOST/DATABASE,"
            + " redis://USER:PASSWORD@HOST, or memory:.");
  }

  /** Returns whether a URL names a Redis store. */
  static boolean isRedis(String url) {
    return url.startsWith(REDIS) || url.startsWith(REDIS_WITH_TLS);
  }

  /** Returns whether a URL names a PostgreSQL store. */
  static boolean isPostgres(String url) {
    return url.startsWith(POSTGRES);
  }

  /**
   * Returns the file of an SQLite store; empty for other stores.
   *
   * @throws StoreException if the URL's path is not valid
   */
  public static Optional<Path> sqliteFile(String url) {
    if (!url.startsWith(SQLITE) || url.length() == SQLITE.length()) {
      return Optional.empty();
    }
    if (url.contains("?")) {
      // Not with the path: a URL of another kind has its password there.
      throw new StoreException(
          StoreException.Outcome.NOT_APPLIED,
          "The path of the SQLite file has a question mark, which SQLite does not support. Use"
              + " another file.");
    }
    try {
      return Optional.of(Path.of(url.substring(SQLITE.length())));
    } catch (InvalidPathException e) {
      throw new StoreException(
          StoreException.Outcome.NOT_APPLIED,
          "The store \""
              + StoreUrls.redacted(url)
              + "\" has an invalid path: "
              + e.getReason()
              + ". Correct it.");
    }
  }
}
