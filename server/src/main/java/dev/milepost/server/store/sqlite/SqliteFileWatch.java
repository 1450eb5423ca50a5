package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.ThreadFactories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a file of an open database was deleted or replaced: then SQLite goes on writing to a
 * file that no later process finds. Compares device and inode, which opens no file. Checks
 * periodically, and before commits are acknowledged. Thread-safe.
 */
final class SqliteFileWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteFileWatch.class);
  private static final long INTERVAL_MILLIS = 500;

  /** How old a check may be when a commit is acknowledged. */
  private static final long MAX_AGE_NANOS = 100_000_000;

  /** A file, and what it was when the database was opened; null if the system does not know. */
  private record Watched(Path path, @Nullable Object key) {}

  private final Watched database;
  private final List<Watched> files = new ArrayList<>();
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-store-files"));
  private volatile long checkedNanos = System.nanoTime();

  /**
   * Watches the files of a database that was just opened.
   *
   * @param given the path that the server was given, which may lead through symbolic links
   * @param real the same path without them
   */
  SqliteFileWatch(Path given, Path real) {
    this.database = new Watched(real, key(real));
    files.add(database);
    files.add(new Watched(given, database.key()));
    for (String suffix : List.of("-wal", "-shm", ".lock")) {
      Path path = real.resolveSibling(real.getFileName() + suffix);
      files.add(new Watched(path, key(path)));
    }
  }

  /** Returns what identifies a file: the same under all of its names; null if there is none. */
  static @Nullable Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Starts checking.
   *
   * @param lost called each time a file is found missing
   */
  void start(Consumer<Path> lost) {
    var unused =
        thread.scheduleWithFixedDelay(
            () -> check(lost), INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void check(Consumer<Path> lost) {
    try {
      Path missing = missing();
      if (missing != null) {
        lost.accept(missing);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("The files of the database could not be checked.", e);
    }
  }

  /** Returns a file that was deleted or replaced, unless it was there a moment ago; else null. */
  @Nullable Path missingNow() {
    return System.nanoTime() - checkedNanos < MAX_AGE_NANOS ? null : missing();
  }

  private @Nullable Path missing() {
    for (Watched file : files) {
      if (!isThere(file)) {
        return file.path();
      }
    }
    checkedNanos = System.nanoTime();
    return null;
  }

  /** Whether a file is one beside the database, and not a name of the database itself. */
  boolean isCompanion(Path file) {
    return files.stream()
        .noneMatch(
            known -> known.path().equals(file) && Objects.equals(known.key(), database.key()));
  }

  /** Whether the database itself is where it was, so that its log can be moved into it. */
  boolean isDatabaseThere() {
    return isThere(database);
  }

  private static boolean isThere(Watched file) {
    return file.key() == null || file.key().equals(key(file.path()));
  }

  /** Stops checking, before the files are closed: SQLite removes its log then. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
