package dev.milepost.server.watch;

/**
 * Is told how watches fare, for those who measure. Called in the hub's lane: must be quick, must
 * not block and must not throw.
 */
public interface WatchObserver {
  /** Nobody measures. */
  WatchObserver NONE =
      new WatchObserver() {
        @Override
        public void opened() {}

        @Override
        public void closed() {}

        @Override
        public void handedOver(long nanos) {}

        @Override
        public void lookedAt(int behind, long mostEntries) {}
      };

  /** A watch is open. */
  void opened();

  /** A watch that was open is over, for whatever reason. */
  void closed();

  /**
   * What the store told of at one time has been offered to all who watch it.
   *
   * @param nanos from the store's word, right after its commit, until every sink that was ready had
   *     it
   */
  void handedOver(long nanos);

  /**
   * All watches were looked at, as happens some times in each bookmark interval.
   *
   * @param behind watches that have not sent all entries of their job's journal yet, since their
   *     readers are slow or they have just begun
   * @param mostEntries entries that the last of them has still to send; 0 where none is behind
   */
  void lookedAt(int behind, long mostEntries);
}
