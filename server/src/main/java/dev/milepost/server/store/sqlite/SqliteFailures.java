package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import java.nio.file.Path;
import java.sql.SQLException;

/** Translates SQLite's errors for operators. */
final class SqliteFailures {
  private static final int BUSY = 5;
  private static final int IO_ERROR = 10;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;

  private SqliteFailures() {}

  /** A failure before the commit: nothing was changed. */
  static StoreException notApplied(SQLException e) {
    return new StoreException(Outcome.NOT_APPLIED, kind(e), sentence(e), e);
  }

  /**
   * A failure of the commit itself. If the disk failed to confirm it, it may be in the log and be
   * found there after a crash.
   */
  static StoreException ofCommit(SQLException e) {
    boolean undone = e.getErrorCode() == FULL || e.getErrorCode() == BUSY;
    return new StoreException(
        undone ? Outcome.NOT_APPLIED : Outcome.UNKNOWN, kind(e), sentence(e), e);
  }

  private static Kind kind(SQLException e) {
    return isFull(e) ? Kind.FULL : Kind.REQUEST;
  }

  /**
   * The disk did not confirm a flush. The result of another flush would mean nothing: the operating
   * system may have dropped the pages that it could not write.
   */
  static StoreException unflushed(Exception e) {
    return new StoreException(
        Outcome.UNKNOWN,
        Kind.STOPPED,
        "The disk failed to confirm a write to the database. Check the disk, then restart the"
            + " server.",
        e);
  }

  /** A request to a store whose disk did not confirm a flush: it refuses both changes and reads. */
  static StoreException stopped() {
    return new StoreException(
        Outcome.NOT_APPLIED,
        Kind.STOPPED,
        "The store has stopped because the disk failed to confirm a write. Check the disk,"
            + " then restart the server.",
        null);
  }

  /** A file of the database was deleted or replaced: what was written is not found by a restart. */
  static StoreException lostFile(Path file, boolean isCompanion, Outcome outcome) {
    return new StoreException(
        outcome,
        Kind.STOPPED,
        "The store has stopped because "
            + file.getFileName()
            + " was deleted or replaced. "
            + afterLoss(isCompanion),
        null);
  }

  /**
   * Says what to do about a lost file.
   *
   * @param isCompanion whether SQLite and this server make it again, and the database is there: its
   *     log is moved into it at the end
   */
  static String afterLoss(boolean isCompanion) {
    return isCompanion
        ? "Restart the server."
        : "Put it back or restore a backup, then restart the server.";
  }

  /** Whether there is no space for a write. */
  static boolean isFull(SQLException e) {
    return e.getErrorCode() == FULL;
  }

  /** Whether a failure concerns only the rows that were read. */
  static boolean isDamage(SQLException e) {
    return e.getErrorCode() == CORRUPT;
  }

  private static String sentence(SQLException e) {
    return switch (e.getErrorCode()) {
      case BUSY -> "Another process has the database open. Stop it first, or use another file.";
      case IO_ERROR -> "The database's disk failed to read or write. Check the disk.";
      case CORRUPT -> "The database is damaged. Restore it from a backup.";
      case FULL -> "The database's disk is full. Free some space.";
      default -> "The database failed unexpectedly. See the server's log.";
    };
  }
}
