package dev.milepost.spring;

import dev.milepost.client.WorkerBuilder;

/** A bean that changes the worker of the application before it starts, after the properties. */
@FunctionalInterface
public interface WorkerCustomizer {
  /** Changes the builder. */
  void customize(WorkerBuilder builder);
}
