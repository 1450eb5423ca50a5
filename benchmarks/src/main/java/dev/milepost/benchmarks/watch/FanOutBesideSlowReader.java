package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;

/** A fan-out with an additional watcher that does not read. */
final class FanOutBesideSlowReader implements Variant {
  private final FanOut fanOut;
  private final HotJob job;

  FanOutBesideSlowReader(FanOut fanOut, HotJob job) {
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
  public PhaseResult run(Duration length) throws Exception {
    try (SlowReader slow = new SlowReader(job)) {
      PhaseResult work = fanOut.run(length);
      slow.resume(job.last());
      return work;
    }
  }

  @Override
  public void close() {}
}
