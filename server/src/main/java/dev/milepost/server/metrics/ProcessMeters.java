package dev.milepost.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Meters of the process and its virtual machine: memory, collections, threads, processor, files.
 */
final class ProcessMeters implements AutoCloseable {
  private final MeterRegistry registry;

  // Guarded by this.
  private @Nullable JvmGcMetrics collections;
  private boolean closed;

  ProcessMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Starts to measure, once. Loads Java's management classes, which takes a while. */
  synchronized void begin() {
    if (closed || collections != null) {
      return;
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections = new JvmGcMetrics();
    collections.bindTo(registry);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (collections != null) {
      collections.close();
    }
  }
}
