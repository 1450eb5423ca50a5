package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.sql.Statements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * An open database: its lock, the writer's connection and the readers', and its log.
 *
 * @param lock keeps other servers away
 * @param tables what the writer writes to
 * @param checkpointer moves the log into the database
 * @param readers what is read by
 * @param wal its log
 * @param flushed how much of the log is on the disk
 */
record SqliteDatabase(
    SqliteLock lock,
    SqliteTables tables,
    SqliteCheckpointer checkpointer,
    SqliteReaders readers,
    SqliteWal wal,
    DurableWatermark watermark)
    implements AutoCloseable {
  /**
   * Opens a file, or makes it.
   *
   * @param pageLimit most pages of the file; 0: no limit of ours
   * @throws StoreException where it cannot be used; it is as it was then
   */
  static SqliteDatabase open(Path file, int journalCap, long pageLimit) {
    Path real = realPath(file);
    SqliteLock lock = SqliteLock.withinProcess(real);
    List<AutoCloseable> opened = new ArrayList<>(List.of(lock));
    try {
      SqliteFileHeader.requireOurs(real);
      lock.amongProcesses();
      Statements writer = SqliteConnections.writer(real, pageLimit);
      opened.add(0, writer);
      SqliteCheckpointer checkpointer =
          new SqliteCheckpointer(SqliteConnections.checkpointer(real));
      opened.add(0, checkpointer);
      SqliteWal wal = SqliteWal.of(real);
      opened.add(0, wal);
      DurableWatermark watermark = new DurableWatermark();
      return new SqliteDatabase(
          lock,
          new SqliteTables(writer, journalCap),
          checkpointer,
          SqliteReaders.open(real, watermark),
          wal,
          watermark);
    } catch (StoreException e) {
      close(e, opened);
      throw e;
    } catch (SQLException | IOException e) {
      StoreException failure =
          new StoreException(
              Outcome.NOT_APPLIED,
              real
                  + " cannot be opened as a database: restore it from a backup, or name another"
                  + " file.",
              e);
      close(failure, opened);
      throw failure;
    }
  }

  /** The file behind links, so that its lock has one name; the directories to it are made. */
  private static Path realPath(Path file) {
    Path absolute = file.toAbsolutePath();
    if (absolute.toString().contains("?")) {
      throw new StoreException(
          Outcome.NOT_APPLIED, absolute + " has a question mark in its name: name another file.");
    }
    try {
      if (Files.exists(absolute)) {
        return absolute.toRealPath();
      }
      Path directory = absolute.getParent();
      if (directory == null) {
        return absolute;
      }
      Files.createDirectories(directory);
      return directory.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          absolute + " cannot be made: make its directory writable, or name another file.",
          e);
    }
  }

  private static void close(StoreException cause, List<AutoCloseable> parts) {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        cause.addSuppressed(e);
      }
    }
  }

  @Override
  public void close() {
    // The last connection to close moves the log into the database.
    closeAll(List.of(readers, wal, checkpointer, tables, lock));
  }

  /**
   * Lets go of a database whose disk failed to confirm the log. The log stays as it is, so that the
   * next to open it takes from it what has really come to the disk, by its checksums. For that the
   * writer's connection stays open until the process ends: the last one that is closed would move
   * the log into the database.
   */
  void leave() {
    closeAll(List.of(readers, wal, checkpointer, lock));
  }

  private static void closeAll(List<AutoCloseable> parts) {
    StoreException failure =
        new StoreException(
            Outcome.NOT_APPLIED, "The database could not be closed in order: check its disk.");
    close(failure, parts);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
