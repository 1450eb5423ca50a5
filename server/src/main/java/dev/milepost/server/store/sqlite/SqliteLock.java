package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second server away from a database: within this process, and in other processes. The lock
 * between processes is the operating system's and ends with its process; the file beside the
 * database remains, and names the last process that held it.
 */
final class SqliteLock implements AutoCloseable {
  /**
   * Databases that are open in this process. POSIX releases all locks that a process has on a file
   * when it closes any channel to it, so this process must not even read a file that is open.
   */
  private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

  private final Path database;
  private @Nullable FileChannel channel;

  private SqliteLock(Path database) {
    this.database = database;
  }

  /**
   * Locks a database within this process; touches no file.
   *
   * @param database the real path, so that it has one name
   * @throws StoreException if it is open in this process
   */
  static SqliteLock withinProcess(Path database) {
    if (!OPEN_HERE.add(database)) {
      throw inUse(database, " (process " + ProcessHandle.current().pid() + ")");
    }
    return new SqliteLock(database);
  }

  /**
   * Locks the database for this process.
   *
   * @throws StoreException if another process has locked it
   */
  void amongProcesses() {
    Path file = database.resolveSibling(database.getFileName() + ".lock");
    try {
      FileChannel opened =
          PrivateFiles.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel = opened;
      if (opened.tryLock() == null) {
        throw inUse(database, holder(opened));
      }
      opened.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      opened.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED, file + " cannot be written. Make its directory writable.", e);
    }
  }

  private static StoreException inUse(Path database, String holder) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        database
            + " is in use by another server"
            + holder
            + ". Stop it first, or use another file.");
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(20);
    channel.read(pid, 0);
    String text = StandardCharsets.US_ASCII.decode(pid.flip()).toString().strip();
    return text.isEmpty() ? "" : " (process " + text + ")";
  }

  @Override
  public void close() throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      OPEN_HERE.remove(database);
    }
  }
}
