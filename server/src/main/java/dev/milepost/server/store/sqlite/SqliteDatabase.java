package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.disk.PrivateFiles;
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
 * An open database.
 *
 * @param file the real path
 * @param lock keeps other servers away
 * @param tables what the writer writes to
 * @param checkpointer moves the log into the database
 * @param readers what reads run on
 * @param wal the write-ahead log
 * @param files notices that a file was deleted or replaced
 * @param watermark how much of the log is durable
 */
record SqliteDatabase(
    Path file,
    SqliteLock lock,
    SqliteTables tables,
    SqliteCheckpointer checkpointer,
    SqliteReaders readers,
    SqliteWal wal,
    SqliteFileWatch files,
    DurableWatermark watermark)
    implements AutoCloseable {
  /**
   * Opens a file, or creates it.
   *
   * @param options its limits, and whether to go on if something is missing or damaged
   * @throws StoreException if the file cannot be used; it is unchanged then
   */
  static SqliteDatabase open(Path file, int journalCap, SqliteOptions options) {
    Path real = realPath(file);
    SqliteLock lock = SqliteLock.withinProcess(real);
    List<AutoCloseable> opened = new ArrayList<>(List.of(lock));
    try {
      SqliteFileHeader.requireUsable(real);
      lock.lockFile();
      SqliteLosses losses = new SqliteLosses(real, lock, options.acceptDataLoss());
      losses.checkDatabase();
      // SQLite gives its log and index files the mode of the database.
      PrivateFiles.createIfAbsent(real);
      lock.lockDatabase();
      losses.checkLog();
      Statements writer = SqliteConnections.writer(real, options.pageLimit());
      opened.add(0, writer);
      SqliteCheckpointer checkpointer =
          new SqliteCheckpointer(
              SqliteConnections.checkpointer(real),
              new LogPin(real, options.logWarning(), TimeSource.system()));
      opened.add(0, checkpointer);
      SqliteWal wal = SqliteWal.of(real);
      opened.add(0, wal);
      DurableWatermark watermark = new DurableWatermark();
      SqliteTables tables = new SqliteTables(writer, journalCap);
      SqliteReaders readers = SqliteReaders.open(real, watermark);
      opened.add(0, readers);
      lock.lockDatabaseAgain();
      lock.markOpen();
      return new SqliteDatabase(
          real,
          lock,
          tables,
          checkpointer,
          readers,
          wal,
          new SqliteFileWatch(file.toAbsolutePath(), real),
          watermark);
    } catch (StoreException e) {
      close(e, opened);
      throw e;
    } catch (SQLException | IOException e) {
      StoreException failure =
          new StoreException(
              Outcome.NOT_APPLIED,
              real
                  + " cannot be opened as a database. Restore it from a backup, or use another"
                  + " file.",
              e);
      close(failure, opened);
      throw failure;
    }
  }

  /** Resolves links, so that the lock has one name. Creates missing directories. */
  static Path realPath(Path file) {
    Path absolute = file.toAbsolutePath();
    if (absolute.toString().contains("?")) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          // Not with the path: a URL of another kind has its password there.
          "The path of the SQLite file has a question mark, which SQLite does not support. Use"
              + " another file.");
    }
    try {
      if (Files.exists(absolute)) {
        return absolute.toRealPath();
      }
      Path directory = absolute.getParent();
      if (directory == null) {
        return absolute;
      }
      PrivateFiles.createDirectories(directory);
      return directory.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          absolute + " cannot be created. Make its directory writable, or use another file.",
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
    // The last connection that is closed moves the log into the database, and removes it.
    closeAll(
        List.<AutoCloseable>of(files, lock::markClosed, readers, wal, checkpointer, tables, lock));
  }

  /**
   * Closes a database whose disk failed to confirm a flush, or whose file is gone, without touching
   * the log: the next process to open it takes from the log what really reached the disk, by its
   * checksums. To prevent a checkpoint by the last connection that is closed, the writer's
   * connection stays open until the process ends.
   */
  void closeKeepingLog() {
    closeAll(List.<AutoCloseable>of(files, readers, wal, checkpointer, lock::releaseOnly));
  }

  private static void closeAll(List<AutoCloseable> parts) {
    StoreException failure =
        new StoreException(
            Outcome.NOT_APPLIED, "The database could not be closed properly. Check its disk.");
    close(failure, parts);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
