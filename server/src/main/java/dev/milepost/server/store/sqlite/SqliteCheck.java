package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.sql.LaterTable;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.server.store.sql.TableCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;

/**
 * Reads everything of a database that no server has open, or of a backup of one, and changes
 * nothing. Uses a shared lock, so that no server starts meanwhile.
 */
public final class SqliteCheck {
  /** Maximum number of findings of SQLite's own check. */
  private static final int MAX_FINDINGS = 100;

  private SqliteCheck() {}

  /**
   * Checks a database. Blocks.
   *
   * @throws StoreException if it does not exist, is in use, is none of ours, or is of another
   *     version
   */
  public static StoreCheck run(Path file, StoreCheck.Progress progress) {
    if (!Files.isRegularFile(file)) {
      throw new StoreException(
          Outcome.NOT_APPLIED, file.toAbsolutePath() + " does not exist. Name another file.");
    }
    try {
      Path real = file.toRealPath();
      try (SqliteLock lock = SqliteLock.withinProcess(real)) {
        SqliteFileHeader.requireUsable(real);
        lock.share();
        return check(real, progress);
      }
    } catch (IOException | SQLException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          file + " cannot be read: " + e.getMessage() + ". Check its disk, or use a backup.",
          e);
    }
  }

  private static StoreCheck check(Path real, StoreCheck.Progress progress)
      throws IOException, SQLException {
    long found = 0;
    Path log = SqliteLogCheck.log(real);
    boolean hasLog = Files.exists(log) && Files.size(log) > 0;
    if (hasLog) {
      var damage = SqliteLogCheck.damage(log);
      if (damage.isPresent()) {
        progress.found(log + " is damaged: " + damage.get());
        found++;
      }
    }
    Path index = real.resolveSibling(real.getFileName() + "-shm");
    boolean hadIndex = Files.exists(index);
    try (Statements sql = SqliteConnections.readOnly(real, hasLog)) {
      requireVersion(real, sql);
      found += integrity(sql, progress);
      return new TableCheck(sql, EnumSet.allOf(LaterTable.class), progress).run(found);
    } finally {
      if (!hadIndex) {
        // SQLite creates it to read the log, and makes it anew whenever it is missing.
        Files.deleteIfExists(index);
      }
    }
  }

  private static void requireVersion(Path file, Statements sql) throws SQLException {
    try (ResultSet row = sql.of("PRAGMA user_version").executeQuery()) {
      row.next();
      if (row.getInt(1) != SqliteSchema.VERSION) {
        throw new StoreException(
            Outcome.NOT_APPLIED,
            file
                + " was written by another version of Milepost. Verify it with that version, or"
                + " start a server on it first, which upgrades it.");
      }
    }
  }

  /** Lets SQLite check the structure of the file, and each index against its table. */
  private static long integrity(Statements sql, StoreCheck.Progress progress) throws SQLException {
    progress.begins("structure", 0);
    long found = 0;
    try (ResultSet row = sql.of("PRAGMA integrity_check(" + MAX_FINDINGS + ")").executeQuery()) {
      while (row.next()) {
        String finding = row.getString(1);
        if (!"ok".equals(finding)) {
          found++;
          progress.found("SQLite: " + finding.replace('\n', ' ') + ".");
        }
      }
    } catch (SQLException e) {
      sql.renew();
      found++;
      progress.found("SQLite: " + e.getMessage() + ".");
    }
    return found;
  }
}
