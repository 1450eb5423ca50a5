package dev.milepost.server.metrics;

import dev.milepost.server.store.JobStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;

/** Whether the store and the server work, as they know it: reading these asks nothing. */
final class StoreMeters {
  private StoreMeters() {}

  /**
   * Registers the meters.
   *
   * @param ready returns whether the server can do all of its work; on any thread
   */
  static void register(JobStore store, BooleanSupplier ready, MeterRegistry registry) {
    gauge("milepost.ready", "Whether the server can do all of its work", ready, registry);
    gauge(
        "milepost.store.up",
        "Whether the store can be reached and accepts changes",
        () -> store.health().engine().isUp(),
        registry);
    gauge(
        "milepost.store.full",
        "Whether changes are rejected since the store has no space for them",
        () -> !store.health().space().isUp(),
        registry);
    Gauge.builder("milepost.store.feed.lag", () -> store.health().feedLag().toNanos() / 1e9)
        .description("Time since this server had all changes by other servers")
        .baseUnit("seconds")
        .register(registry);
  }

  private static void gauge(
      String name, String description, BooleanSupplier value, MeterRegistry registry) {
    Gauge.builder(name, () -> value.getAsBoolean() ? 1 : 0)
        .description(description)
        .register(registry);
  }
}
