package dev.milepost.server.watch;

/**
 * Receives measurements of watches. Called in a hub's executor: must be quick, must not block and
 * must not throw.
 */
public interface WatchObserver {
  /** Ignores everything. */
  WatchObserver NONE =
      new WatchObserver() {
        @Override
        public void opened() {}

        @Override
        public void closed() {}

        @Override
        public void delivered(long nanos) {}

        @Override
        public void scanned(int behind, long maxEntries) {}
      };

  /** A watch has been opened. */
  void opened();

  /** An open watch has ended, for whatever reason. */
  void closed();

  /**
   * A group of changes has been offered to every watch of the changed jobs.
   *
   * @param nanos from the store's notification, right after its commit, until every sink that was
   *     ready had the changes
   */
  void delivered(long nanos);

  /**
   * All watches of single jobs have been scanned; happens several times in each bookmark interval.
   *
   * @param behind watches that have not sent all entries of their job's journal yet, because their
   *     readers are slow or they have just begun
   * @param maxEntries entries that the watch furthest behind has still to send; 0 if none is behind
   */
  void scanned(int behind, long maxEntries);
}
