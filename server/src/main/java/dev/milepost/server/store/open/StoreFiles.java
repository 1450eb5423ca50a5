package dev.milepost.server.store.open;

import dev.milepost.server.store.BackupException;
import dev.milepost.server.store.BackupFile;
import dev.milepost.server.store.BackupProgress;
import dev.milepost.server.store.RestoredStore;
import dev.milepost.server.store.StoreUrls;
import dev.milepost.server.store.sqlite.SqliteFiles;
import java.nio.file.Path;

/** Backs up and restores stores that no server has open, if they are files. */
public final class StoreFiles {
  private StoreFiles() {}

  /**
   * Makes a backup of a store. Blocks.
   *
   * @param url of the store
   * @param target the file to make
   * @throws dev.milepost.server.store.StoreException if it cannot be made; the message says what to
   *     do
   * @throws BackupException if the file exists, or the store is backed up by other tools
   */
  public static BackupFile backup(String url, Path target, BackupProgress progress) {
    return SqliteFiles.backup(file(url), target, progress);
  }

  /**
   * Makes a store of a backup. Blocks.
   *
   * @param backup the file
   * @param url of the store to make
   * @param replace whether a store that exists is set aside; otherwise it is refused
   * @throws dev.milepost.server.store.StoreException if it cannot be made; the message says what to
   *     do
   * @throws BackupException if the store is restored by other tools
   */
  public static RestoredStore restore(
      Path backup, String url, boolean replace, BackupProgress progress) {
    return SqliteFiles.restore(backup, file(url), replace, progress);
  }

  private static Path file(String url) {
    StoreOpener.requireValid(url);
    return StoreOpener.sqliteFile(url)
        .orElseThrow(
            () ->
                BackupException.unsupported(
                    StoreUrls.redacted(url),
                    "Only SQLite stores are backed up and restored by this command."));
  }
}
