package dev.milepost.server.store;

/** Copies a store into one file while the store serves. Thread-safe. */
public interface OnlineBackup {
  /** Returns how the names of files end that are not complete: no backup may have such a name. */
  String unfinishedSuffix();

  /**
   * Makes a backup of everything that was acknowledged before this call. Blocks until it is
   * complete, verified and on disk; does not delay updates and reads. The file has the mode 0600.
   *
   * @param directory where the file is made; created with the mode 0700 if it does not exist
   * @param name of the file, without a path
   * @param minFree bytes that must stay free on the disk
   * @param progress is told how far it is, and can stop it
   * @throws BackupException if a file has that name, another backup is being made, or the disk has
   *     too little room
   * @throws StoreException if the store fails or is closed, or the copy is damaged
   */
  BackupFile write(String directory, String name, long minFree, BackupProgress progress);
}
