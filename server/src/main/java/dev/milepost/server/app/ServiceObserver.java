package dev.milepost.server.app;

/**
 * Is told what the services do for their callers, for those who measure. Called on event loops and
 * on threads of the store, by several at a time: must be quick, must not block and must not throw.
 */
public interface ServiceObserver {
  /** Nobody measures. */
  ServiceObserver NONE =
      new ServiceObserver() {
        @Override
        public void claimed(int jobs) {}

        @Override
        public void acknowledged(long nanos) {}

        @Override
        public void refused(String limit) {}
      };

  /**
   * A claim is answered.
   *
   * @param jobs jobs that it got; 0: it waited in vain
   */
  void claimed(int jobs);

  /**
   * A report, by call or by stream, is as durable as the store promises.
   *
   * @param nanos from when it was read until its acknowledgement was there to be sent
   */
  void acknowledged(long nanos);

  /**
   * A call was turned away.
   *
   * @param limit the limit that was reached: one of {@link CallerLimits#NAMES}
   */
  void refused(String limit);
}
