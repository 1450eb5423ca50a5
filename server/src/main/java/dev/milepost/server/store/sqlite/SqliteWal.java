package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The database's write-ahead log as a file. SQLite writes it; this class only flushes it to disk,
 * which SQLite would otherwise do within the commit, on the writer's thread.
 */
final class SqliteWal implements AutoCloseable {
  private final FileChannel channel;

  private SqliteWal(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens the log of a database in WAL mode. SQLite treats an empty file as no log. */
  static SqliteWal of(Path database) throws IOException {
    return new SqliteWal(
        PrivateFiles.open(
            database.resolveSibling(database.getFileName() + "-wal"), StandardOpenOption.WRITE));
  }

  /** Returns when everything that any process wrote to the log is on disk. */
  void flush() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
