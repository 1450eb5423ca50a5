package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.disk.UnfinishedFile;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.sql.Statements;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;

/**
 * The copy that is kept of a database before its schema is upgraded, so that an earlier version of
 * the server can go on from it. It is made page by page: what is damaged in the database is in the
 * copy too, and does not prevent it.
 */
final class SqliteUpgradeCopy {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteUpgradeCopy.class);

  /** What must remain free besides the copy, and the log of an upgrade that changes every row. */
  private static final long RESERVE_BYTES = 16 << 20;

  private static final int OK = 0;

  private SqliteUpgradeCopy() {}

  /** Returns the name of the copy: {@code jobs.db.before-v4} of {@code jobs.db}. */
  static Path of(Path file, int target) {
    return file.resolveSibling(file.getFileName() + ".before-v" + target);
  }

  /**
   * Copies a database. Replaces an earlier copy from before the same version. Blocks.
   *
   * @param sql the only connection to the database, outside a transaction
   * @param version of the schema now
   * @param target version of the schema after the upgrade
   * @param space where the copy lies
   * @throws StoreException if there is no room, or the copy cannot be written
   */
  static void keep(Statements sql, Path file, int version, int target, FreeSpace space)
      throws SQLException {
    long bytes = number(sql, "PRAGMA page_count") * number(sql, "PRAGMA page_size");
    long needed = 2 * bytes + RESERVE_BYTES;
    long free = space.bytes();
    if (free < needed) {
      throw refusal(
          String.format(
              Locale.ROOT,
              "%s needs an upgrade of its schema from %d to %d, and a copy of it before that. Both"
                  + " need %,d MiB; the disk has %,d MiB free. Free disk space, then start again.",
              file,
              version,
              target,
              needed >> 20,
              free >> 20),
          null);
    }
    Path copy = of(file, target);
    LOG.info(
        "Upgrading the schema of {} from {} to {}. A copy of it as it is now is kept as {}.",
        file,
        version,
        target,
        copy.getFileName());
    try (UnfinishedFile unfinished = UnfinishedFile.createReplacing(copy)) {
      int result =
          sql.connection()
              .unwrap(SQLiteConnection.class)
              .getDatabase()
              .backup("main", unfinished.path().toString(), null);
      if (result != OK) {
        throw new IOException("SQLite answers " + result);
      }
      unfinished.finish();
    } catch (IOException e) {
      throw refusal(
          copy
              + " cannot be written. It is the copy of "
              + file
              + " before an upgrade of its schema. Make its directory writable.",
          e);
    }
  }

  private static long number(Statements sql, String pragma) throws SQLException {
    try (ResultSet row = sql.of(pragma).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static StoreException refusal(String message, @Nullable Exception cause) {
    return new StoreException(Outcome.NOT_APPLIED, message, cause);
  }
}
