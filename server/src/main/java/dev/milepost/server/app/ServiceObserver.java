package dev.milepost.server.app;

/**
 * Observes what the use cases do, to measure it. Called concurrently on event loops and on threads
 * of the store: must be quick, must not block and must not throw.
 */
public interface ServiceObserver {
  /** Ignores everything. */
  ServiceObserver NONE =
      new ServiceObserver() {
        @Override
        public void claimed(int jobs) {}

        @Override
        public void acknowledged(long nanos) {}

        @Override
        public void refused(String limit) {}

        @Override
        public void slowed(String limit) {}
      };

  /**
   * A claim was answered.
   *
   * @param jobs jobs in the response; 0 if the wait ended without one
   */
  void claimed(int jobs);

  /**
   * A report is as durable as the store guarantees.
   *
   * @param nanos time from its arrival until its acknowledgement was ready
   */
  void acknowledged(long nanos);

  /**
   * A call was rejected.
   *
   * @param limit the exceeded limit: one of {@link CallerLimits#NAMES}
   */
  void refused(String limit);

  /**
   * A stream is read more slowly for a while.
   *
   * @param limit the exceeded limit: one of {@link CallerLimits#RATES}
   */
  void slowed(String limit);
}
