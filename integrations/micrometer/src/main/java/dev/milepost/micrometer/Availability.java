package dev.milepost.micrometer;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Whether the server answers, as the calls of a client show. Thread-safe. */
final class Availability {
  private final Counter outages;
  private int unanswered;

  Availability(MeterRegistry registry) {
    Gauge.builder("milepost.client.available", this, Availability::value)
        .description("1 if the server answers, 0 during an outage")
        .strongReference(true)
        .register(registry);
    this.outages =
        Counter.builder("milepost.client.outages")
            .description("Outages: the server left two calls in a row without an answer")
            .register(registry);
  }

  private synchronized double value() {
    return unanswered < 2 ? 1 : 0;
  }

  /** A single call without an answer, as of a connection that was closed, is no outage. */
  synchronized void ended(Status status) {
    switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> {
        unanswered++;
        if (unanswered == 2) {
          outages.increment();
        }
      }
      case CANCELLED -> {
        // By this client, so it says nothing about the server.
      }
      default -> unanswered = 0;
    }
  }
}
