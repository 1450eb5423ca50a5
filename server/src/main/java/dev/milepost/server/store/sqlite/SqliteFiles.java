package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.RestoredStore;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Makes a backup of a database that no server has open, and a database of a backup. */
public final class SqliteFiles {
  private SqliteFiles() {}

  /**
   * Copies a database into one file, as {@link dev.milepost.server.store.OnlineBackup} does.
   * Blocks.
   *
   * @param store the database; a server that was killed may have left its log, which is in the copy
   * @param target the file to make
   * @throws StoreException if a server has the database open, it is damaged, or the file cannot be
   *     written
   * @throws dev.milepost.server.store.BackupException if the file exists, or the disk is too small
   */
  public static BackupFile backup(Path store, Path target, BackupProgress progress) {
    if (!Files.exists(store)) {
      throw refusal("There is no file " + store + " to back up. Check --store.");
    }
    Path file = inDirectory(target);
    return locked(
        store,
        SqliteFileHeader::requireReadable,
        (real, lock) -> {
          new SqliteLosses(real, lock, false).checkLog();
          return new SqliteSnapshot(real, file, 0, progress).write(() -> {});
        });
  }

  /**
   * Makes a database of a backup. Blocks. The backup is verified before the database gets its name.
   *
   * @param backup a file that was made as a backup, or kept before an upgrade
   * @param store the database to make
   * @param replace whether a database that exists is set aside under another name; otherwise it is
   *     refused
   * @throws StoreException if the backup is damaged or none, the database exists or a server has it
   *     open, or it cannot be written. Nothing has changed then
   */
  public static RestoredStore restore(
      Path backup, Path store, boolean replace, BackupProgress progress) {
    SqliteRestore.requireBackup(backup);
    return locked(
        inDirectory(store),
        // A damaged one is restored as well.
        real -> {},
        (real, lock) -> new SqliteRestore(backup, real, replace, progress).run());
  }

  /** Creates the directory of a file if it does not exist, and resolves its links. */
  private static Path inDirectory(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path directory = absolute.getParent();
    if (directory == null || absolute.getFileName() == null) {
      throw refusal(file + " is a directory. Use a file.");
    }
    try {
      PrivateFiles.createDirectories(directory);
      return directory.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          directory + " cannot be created. Make the directory above it writable.",
          e);
    }
  }

  /**
   * Runs an action while no server can open the database, which need not exist.
   *
   * @param check checks a database that exists
   */
  private static <T> T locked(
      Path database, Consumer<Path> check, BiFunction<Path, SqliteLock, T> action) {
    Path real = SqliteDatabase.realPath(database);
    try (SqliteLock lock = SqliteLock.withinProcess(real)) {
      lock.lockFile();
      if (Files.exists(real)) {
        // Before the lock, which closing the file would release.
        check.accept(real);
        lock.lockDatabase();
      }
      T result = action.apply(real, lock);
      lock.markClosed();
      return result;
    } catch (IOException e) {
      throw new StoreException(Outcome.NOT_APPLIED, real + " cannot be locked. Check its disk.", e);
    }
  }

  static StoreException refusal(String message) {
    return new StoreException(Outcome.NOT_APPLIED, message);
  }
}
