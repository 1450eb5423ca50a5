package dev.milepost.server.store.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The database's write-ahead log, as the operating system sees it. SQLite writes to it; here it is
 * only flushed to the disk, which SQLite would do within the commit and on the writer's thread.
 */
final class SqliteWal implements AutoCloseable {
  private final FileChannel channel;

  private SqliteWal(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens the log of a database that is in WAL mode. SQLite takes an empty one for none. */
  static SqliteWal of(Path database) throws IOException {
    return new SqliteWal(
        FileChannel.open(
            database.resolveSibling(database.getFileName() + "-wal"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE));
  }

  /** Returns when all that was written to the log, by whomever, is on the disk. */
  void flush() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
