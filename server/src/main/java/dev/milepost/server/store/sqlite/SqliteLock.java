package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second server away from a database: within this process, and in other processes. The lock
 * between processes is on the database itself, on a byte that SQLite does not use, so that neither
 * a removed lock file nor another name of the database lets a second server in. Programs that only
 * read are not affected. The lock file beside the database names the process, and says whether it
 * has closed the database.
 *
 * <p>POSIX releases all locks that a process has on a file when it closes any channel to it,
 * SQLite's own locks included. So the channel to the database is opened before SQLite opens it, and
 * closed after SQLite has closed it; in between, this process must not open the file otherwise.
 */
final class SqliteLock implements AutoCloseable {
  /** A byte that no file reaches; those that SQLite locks begin at 2^30. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int MAX_FILE_BYTES = 200;

  /** Names and file keys of databases that are open in this process. */
  private static final Set<Object> OPEN_HERE = ConcurrentHashMap.newKeySet();

  private final Path database;
  private final List<Object> names = new ArrayList<>();
  private @Nullable FileChannel file;
  private @Nullable FileChannel channel;
  private @Nullable FileLock lock;
  private LastUse lastUse = LastUse.NONE;

  private SqliteLock(Path database) {
    this.database = database;
  }

  /** What the lock file says of the last process that used the database. */
  private record LastUse(String process, boolean hasUsed, boolean hasClosed, String inode) {
    static final LastUse NONE = new LastUse("", false, false, "");

    static LastUse of(String text) {
      String[] lines = text.split("\n", -1);
      String[] use = lines.length < 2 ? new String[0] : lines[1].split(" ", -1);
      return use.length == 2
          ? new LastUse(lines[0].strip(), true, use[0].equals("closed"), use[1])
          : new LastUse(lines[0].strip(), false, false, "");
    }
  }

  /**
   * Locks a database within this process; opens no file.
   *
   * @param database the real path, so that it has one name
   * @throws StoreException if it is open in this process, under whatever name
   */
  static SqliteLock withinProcess(Path database) {
    SqliteLock lock = new SqliteLock(database);
    lock.addName(database);
    try {
      lock.addFileKey();
    } catch (StoreException e) {
      OPEN_HERE.removeAll(lock.names);
      throw e;
    }
    return lock;
  }

  private void addFileKey() {
    Object key = SqliteFileWatch.key(database);
    if (key != null && !names.contains(key)) {
      addName(key);
    }
  }

  private void addName(Object name) {
    if (!OPEN_HERE.add(name)) {
      throw inUse(" (process " + ProcessHandle.current().pid() + ")");
    }
    names.add(name);
  }

  /**
   * Locks the lock file. Servers of earlier versions lock nothing else.
   *
   * @throws StoreException if another process has locked it
   */
  void lockFile() {
    Path path = file(database);
    try {
      FileChannel opened =
          PrivateFiles.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      file = opened;
      lastUse = LastUse.of(text(opened));
      if (opened.tryLock() == null) {
        throw inUse(holder());
      }
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED, path + " cannot be written. Make its directory writable.", e);
    }
  }

  /**
   * Locks the database, which must exist, and writes this process into the lock file.
   *
   * @throws StoreException if another process has locked it
   */
  void lockDatabase() {
    addFileKey();
    try {
      FileChannel opened =
          FileChannel.open(database, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel = opened;
      lock(opened);
      write(ProcessHandle.current().pid() + "\n");
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          database + " cannot be locked. Use a disk of this machine, or another file.",
          e);
    }
  }

  /**
   * Locks the database again, once SQLite's connections are open. A connection that is about to use
   * a write-ahead log holds a lock as long as it is open. Until then, SQLite releases every lock
   * that this process has on the file, this one too, whenever a transaction ends.
   *
   * @throws StoreException if another process was faster
   */
  void lockDatabaseAgain() throws IOException {
    FileLock first = lock;
    FileChannel opened = channel;
    if (first != null && opened != null) {
      first.release();
      lock(opened);
    }
  }

  private void lock(FileChannel opened) throws IOException {
    FileLock locked = opened.tryLock(LOCKED_BYTE, 1, false);
    if (locked == null) {
      throw inUse(holder());
    }
    lock = locked;
  }

  /** The lock file of a database. */
  static Path file(Path database) {
    return database.resolveSibling(database.getFileName() + ".lock");
  }

  /**
   * Locks the database against servers, but not against others that only read it. Creates and
   * writes no file.
   *
   * @throws StoreException if a server has the database open
   */
  void share() throws IOException {
    Path path = file(database);
    if (Files.exists(path)) {
      FileChannel opened = FileChannel.open(path, StandardOpenOption.READ);
      file = opened;
      lastUse = LastUse.of(text(opened));
      if (opened.tryLock(0, Long.MAX_VALUE, true) == null) {
        throw inUse(holder());
      }
    }
    FileChannel opened = FileChannel.open(database, StandardOpenOption.READ);
    channel = opened;
    if (opened.tryLock(LOCKED_BYTE, 1, true) == null) {
      throw inUse(holder());
    }
  }

  /** Whether a process has used the database before, as far as the lock file says. */
  boolean wasUsed() {
    return lastUse.hasUsed();
  }

  /** Whether the last process has ended without closing the same file. */
  boolean wasLeftOpen() {
    return lastUse.hasUsed()
        && !lastUse.hasClosed()
        && !lastUse.inode().isEmpty()
        && lastUse.inode().equals(inode());
  }

  /** Writes that this process uses the database, whose log exists from now on. */
  void markOpen() throws IOException {
    mark("open");
  }

  /** Writes that this process is about to close the database, which removes its log. */
  void markClosed() throws IOException {
    mark("closed");
  }

  private void mark(String use) throws IOException {
    write(ProcessHandle.current().pid() + "\n" + use + " " + inode() + "\n");
  }

  /** Returns the number by which the file system knows the database; empty if it has none. */
  private String inode() {
    try {
      return Files.getAttribute(database, "unix:ino").toString();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "";
    }
  }

  private void write(String text) throws IOException {
    FileChannel out = file;
    if (out != null) {
      out.truncate(0);
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
      out.force(true);
    }
  }

  private static String text(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_FILE_BYTES);
    channel.read(bytes, 0);
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
  }

  private StoreException inUse(String holder) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        database
            + " is in use by another server"
            + holder
            + ". Stop it first, or use another file.");
  }

  /** Names the process that holds the lock: as the system knows it, or as the lock file says. */
  private String holder() {
    String process = SqliteLockHolder.of(inode(), LOCKED_BYTE);
    String known = process.isEmpty() ? lastUse.process() : process;
    return known.isEmpty() ? "" : " (process " + known + ")";
  }

  /**
   * Releases the lock, but leaves the channel to the database open until the process ends: for a
   * database that SQLite still has open.
   */
  void releaseOnly() throws IOException {
    try {
      if (lock != null) {
        lock.release();
      }
      if (file != null) {
        file.close();
      }
    } finally {
      OPEN_HERE.removeAll(names);
    }
  }

  /** Releases the lock, after SQLite has closed the database. */
  @Override
  public void close() throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
      if (file != null) {
        file.close();
      }
    } finally {
      OPEN_HERE.removeAll(names);
    }
  }
}
