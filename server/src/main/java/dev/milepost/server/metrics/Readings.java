package dev.milepost.server.metrics;

import dev.milepost.server.store.JobStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/**
 * What other parts of the server know, and the page shows when it is read. The suppliers are called
 * on any thread, and must ask nothing and not block, unless they say so.
 *
 * @param store the store
 * @param isReady whether the server can do all of its work
 * @param freeDisk the free bytes on the disk of the store; NaN if they are not known
 * @param logSize the bytes of the SQLite store's log, NaN if there is none; may block, and is
 *     called every ten seconds on the thread of the meters
 * @param waitingClaims the number of claims that wait for a job
 * @param certificateExpiry when the TLS certificate expires, in seconds since the epoch; NaN if
 *     there is none
 * @param version the server's version
 * @param commit the commit of its sources; "unknown" if the build was not told
 */
public record Readings(
    JobStore store,
    BooleanSupplier isReady,
    DoubleSupplier freeDisk,
    DoubleSupplier logSize,
    IntSupplier waitingClaims,
    DoubleSupplier certificateExpiry,
    String version,
    String commit) {

  void register(MeterRegistry registry) {
    gauge(registry, "milepost.ready", "Whether the server can do all of its work", isReady);
    gauge(
        registry,
        "milepost.store.up",
        "Whether the store can be reached and accepts changes",
        () -> store.health().engine().isUp());
    gauge(
        registry,
        "milepost.store.full",
        "Whether changes are rejected since the store has no space for them",
        () -> !store.health().space().isUp());
    Gauge.builder("milepost.store.feed.lag", () -> store.health().feedLag().toNanos() / 1e9)
        .description("Time since this server had all changes by other servers")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("milepost.store.waiting.changes", store::pendingUpdates)
        .description("Changes passed to the store and not completed yet")
        .register(registry);
    Gauge.builder("milepost.store.disk.free", freeDisk::getAsDouble)
        .description("Free space of the file system that holds the SQLite file")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("milepost.claims.waiting", waitingClaims::getAsInt)
        .description("Claims that wait for a job")
        .register(registry);
    Gauge.builder("milepost.certificate.expiry", certificateExpiry::getAsDouble)
        .description("When the TLS certificate expires, since the epoch")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("milepost.build.info", () -> 1)
        .description("The version of the server and the commit of its sources; always 1")
        .tag("version", version)
        .tag("commit", commit)
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, BooleanSupplier value) {
    Gauge.builder(name, () -> value.getAsBoolean() ? 1 : 0)
        .description(description)
        .register(registry);
  }
}
