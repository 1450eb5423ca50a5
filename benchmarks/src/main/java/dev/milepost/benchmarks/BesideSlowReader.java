package dev.milepost.benchmarks;

import java.time.Duration;

/** The same fan-out, with one watcher more that does not read. */
final class BesideSlowReader implements Variant {
  private final FanOut fanOut;
  private final HotJob job;

  BesideSlowReader(FanOut fanOut, HotJob job) {
    this.fanOut = fanOut;
    this.job = job;
  }

  @Override
  public String name() {
    return "beside-slow-reader";
  }

  @Override
  public ServerProcess server() {
    return job.server();
  }

  @Override
  public Work run(Duration length) throws Exception {
    try (SlowReader slow = new SlowReader(job)) {
      Work work = fanOut.run(length);
      slow.readOn(job.last());
      return work;
    }
  }

  @Override
  public void close() {}
}
