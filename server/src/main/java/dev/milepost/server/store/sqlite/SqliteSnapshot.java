package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.disk.UnfinishedFile;
import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.sql.Statements;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/**
 * Copies a database, as it is at one moment, into one compact file. SQLite reads it in one
 * transaction, beside the writer, so that the copy ends however much is written meanwhile. What was
 * deleted from the database is not in the copy, unlike in its free pages.
 */
final class SqliteSnapshot {
  private final Path source;
  private final Path target;
  private final long minFree;
  private final BackupProgress progress;

  /**
   * A copy that is about to be made.
   *
   * @param source the database
   * @param target the file to make; its directory exists
   * @param minFree bytes that must stay free on the disk of the file
   */
  SqliteSnapshot(Path source, Path target, long minFree, BackupProgress progress) {
    this.source = source;
    this.target = target;
    this.minFree = minFree;
    this.progress = progress;
  }

  /**
   * Makes the copy. Blocks.
   *
   * @param beforeVerifying runs when everything is copied; an exception ends the copy
   * @throws BackupException if a file has that name, or the disk has too little room
   * @throws StoreException if the copy cannot be written or is damaged
   */
  BackupFile write(Runnable beforeVerifying) {
    try (UnfinishedFile file = UnfinishedFile.create(target)) {
      try (Statements sql = SqliteConnections.snapshot(source)) {
        copy(sql, file.path());
      }
      beforeVerifying.run();
      SqliteBackupCheck check = new SqliteBackupCheck(file.path(), progress);
      SqliteBackupCheck.Contents contents = check.contents();
      String sha256 = check.sha256();
      BackupFile made =
          new BackupFile(
              target.toString(),
              Files.size(file.path()),
              sha256,
              contents.jobs(),
              contents.schema(),
              contents.damaged());
      file.finish();
      return made;
    } catch (FileAlreadyExistsException e) {
      throw BackupException.exists(target.toString());
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          target + " cannot be written. Make its directory writable, or use another one.",
          e);
    } catch (SQLException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "%s cannot be backed up (%s). Check the disks of the database and of the backup."
              .formatted(source, e.getMessage()),
          e);
    }
  }

  private void copy(Statements sql, Path to) throws SQLException {
    long total =
        (number(sql, "PRAGMA page_count") - number(sql, "PRAGMA freelist_count"))
            * number(sql, "PRAGMA page_size");
    requireRoom(total);
    PreparedStatement vacuum = sql.of("VACUUM INTO ?");
    vacuum.setString(1, to.toString());
    SqliteInterrupt.during(
        sql,
        () -> {
          long done = size(to);
          requireRoom(Math.max(0, total - done));
          progress.at(Phase.COPYING, Math.min(done, total), total);
        },
        vacuum::executeUpdate);
    progress.at(Phase.COPYING, total, total);
  }

  private void requireRoom(long bytes) {
    Path directory = Objects.requireNonNull(target.getParent());
    long free = FreeSpace.of(directory).bytes();
    if (free < bytes + minFree) {
      throw BackupException.noSpace(directory.toString(), bytes + minFree, free);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long number(Statements sql, String query) throws SQLException {
    try (ResultSet row = sql.of(query).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
