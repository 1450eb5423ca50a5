package dev.milepost.server.store;

/**
 * Is told how a store's commits went, for those who measure. Called on threads of the store: must
 * be quick, must not block and must not throw.
 */
public interface CommitObserver {
  /** Nobody measures. */
  CommitObserver NONE =
      new CommitObserver() {
        @Override
        public void committed(int updates, long nanos) {}

        @Override
        public void failed(int updates) {}
      };

  /**
   * A flush has made some updates durable.
   *
   * @param updates updates that shared the flush, 1 or more; those that changed nothing among them
   * @param nanos how long the flush took
   */
  void committed(int updates, long nanos);

  /**
   * A group could not be committed, or nobody knows whether it was.
   *
   * @param updates updates that failed with it, 1 or more
   */
  void failed(int updates);
}
