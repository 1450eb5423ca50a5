package dev.milepost.spring;

import dev.milepost.client.JobClientBuilder;

/** A bean that changes the client of the application before it is built, after the properties. */
@FunctionalInterface
public interface JobClientCustomizer {
  /** Changes the builder. */
  void customize(JobClientBuilder builder);
}
