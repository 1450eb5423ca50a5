package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.sql.SQLException;

/** Says what SQLite's failures mean to whoever hears of them. */
final class SqliteFailures {
  private static final int BUSY = 5;
  private static final int IO_ERROR = 10;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;

  private SqliteFailures() {}

  /** A failure before the commit was asked for: nothing was changed. */
  static StoreException notApplied(SQLException e) {
    return new StoreException(Outcome.NOT_APPLIED, sentence(e), e);
  }

  /**
   * A failure of the commit itself. Where the disk failed to confirm it, the commit may stand in
   * the log and be found there after a crash.
   */
  static StoreException ofCommit(SQLException e) {
    boolean undone = e.getErrorCode() == FULL || e.getErrorCode() == BUSY;
    return new StoreException(undone ? Outcome.NOT_APPLIED : Outcome.UNKNOWN, sentence(e), e);
  }

  /**
   * The disk did not confirm a flush. What a second one says would mean nothing: the operating
   * system may have given up the pages that it could not write.
   */
  static StoreException unflushed(Exception e) {
    return new StoreException(
        Outcome.UNKNOWN,
        "The database's disk failed to confirm what was written: check the disk, then restart the"
            + " server.",
        e);
  }

  /** What is asked of a store whose disk did not confirm a flush: it neither changes nor reads. */
  static StoreException stopped() {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "The store has stopped, since its disk failed to confirm what was written: check the disk,"
            + " then restart the server.");
  }

  /** Whether it concerns the rows that were read and nothing else. */
  static boolean isDamage(SQLException e) {
    return e.getErrorCode() == CORRUPT;
  }

  private static String sentence(SQLException e) {
    return switch (e.getErrorCode()) {
      case BUSY -> "Another program holds the database: let go of it there.";
      case IO_ERROR -> "The database's disk failed to read or write: check the disk.";
      case CORRUPT -> "The database is damaged: restore it from a backup.";
      case FULL -> "The database's disk is full: free some space.";
      default -> "The database failed: see the server's log.";
    };
  }
}
