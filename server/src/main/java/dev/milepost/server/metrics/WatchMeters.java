package dev.milepost.server.metrics;

import dev.milepost.server.watch.WatchObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Meters of watches. */
final class WatchMeters implements WatchObserver {
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger behind = new AtomicInteger();
  private final AtomicLong maxEntries = new AtomicLong();
  private final Timer lag;

  WatchMeters(MeterRegistry registry) {
    Gauge.builder("milepost.watches.open", open::get)
        .description("Watches open, and calls that wait for a job's end")
        .register(registry);
    Gauge.builder("milepost.watches.behind", behind::get)
        .description("Watches that have not sent all entries of their job's journal")
        .register(registry);
    Gauge.builder("milepost.watch.max.entries.behind", maxEntries::get)
        .description("Entries that the watch furthest behind has still to send")
        .register(registry);
    lag =
        Timer.builder("milepost.watch.lag")
            .description("Time from a commit until its watchers were offered what it changed")
            .serviceLevelObjectives(Buckets.TIMES)
            .register(registry);
  }

  @Override
  public void opened() {
    open.incrementAndGet();
  }

  @Override
  public void closed() {
    open.decrementAndGet();
  }

  @Override
  public void delivered(long nanos) {
    lag.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void scanned(int watches, long entries) {
    behind.set(watches);
    maxEntries.set(entries);
  }
}
