package dev.milepost.server.store.sqlite;

/**
 * The write-ahead log after a checkpoint.
 *
 * @param pages pages in the log
 * @param moved pages of these that are in the database; fewer if a reader still needs the others
 */
record LogState(int pages, int moved) {
  /** Returns whether all of the log was moved, so that it can be restarted. */
  boolean isMoved() {
    return pages == moved;
  }
}
