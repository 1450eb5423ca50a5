package dev.milepost.spring;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The worker in {@code /actuator/health} of Spring Boot 4. */
final class HealthOfBoot4 implements HealthIndicator {
  private final WorkerLifecycle worker;

  HealthOfBoot4(WorkerLifecycle worker) {
    this.worker = worker;
  }

  @Override
  public Health health() {
    WorkerState state = WorkerState.of(worker);
    return (state.isUp() ? Health.up() : Health.down()).withDetails(state.details()).build();
  }
}
