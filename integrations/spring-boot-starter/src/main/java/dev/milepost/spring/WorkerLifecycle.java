package dev.milepost.spring;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandler;
import dev.milepost.client.Worker;
import dev.milepost.client.WorkerBuilder;
import dev.milepost.spring.MilepostProperties.WorkerProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Runs the worker of the application: it starts after everything else has started, and drains
 * before anything else stops, so that handlers can use all beans.
 */
public final class WorkerLifecycle implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLifecycle.class);

  private final JobClient client;
  private final HandlerMethods methods;
  private final WorkerProperties properties;
  private final List<WorkerCustomizer> customizers;
  private @Nullable Worker worker;

  WorkerLifecycle(
      JobClient client,
      HandlerMethods methods,
      WorkerProperties properties,
      List<WorkerCustomizer> customizers) {
    this.client = client;
    this.methods = methods;
    this.properties = properties;
    this.customizers = customizers;
  }

  /** Returns the worker; empty if it does not run, or the application has no handler. */
  public synchronized Optional<Worker> worker() {
    return Optional.ofNullable(worker);
  }

  @Override
  public synchronized void start() {
    Map<String, ? extends JobHandler> handlers = methods.handlers();
    if (worker != null || handlers.isEmpty()) {
      return;
    }
    WorkerBuilder builder =
        client
            .worker()
            .concurrency(properties.getConcurrency())
            .drainTimeout(properties.getDrainTimeout());
    handlers.forEach(builder::handler);
    if (properties.getId() != null) {
      builder.workerId(properties.getId());
    }
    customizers.forEach(customizer -> customizer.customize(builder));
    worker = builder.start();
    LOG.info("The worker runs {}.", handlers);
  }

  @Override
  public synchronized void stop() {
    if (worker != null) {
      worker.close();
      worker = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return worker != null;
  }
}
