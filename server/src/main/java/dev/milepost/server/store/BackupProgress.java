package dev.milepost.server.store;

/** Follows a backup or a restore. Called on the thread that makes it. */
@FunctionalInterface
public interface BackupProgress {
  /** Does not follow. */
  BackupProgress NONE = (phase, done, total) -> {};

  /** What is being done. */
  enum Phase {
    /** Copies the store. */
    COPYING,
    /** Reads the copy again and verifies it. */
    VERIFYING
  }

  /**
   * Called several times a second while the phase goes on. An exception ends the backup: it is
   * thrown to the caller, and no file remains.
   *
   * @param done bytes so far; approximate
   * @param total bytes in all; approximate
   */
  void at(Phase phase, long done, long total);
}
