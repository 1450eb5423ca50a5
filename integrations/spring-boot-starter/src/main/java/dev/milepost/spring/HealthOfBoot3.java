package dev.milepost.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** The worker in {@code /actuator/health} of Spring Boot 3. */
final class HealthOfBoot3 implements HealthIndicator {
  private final WorkerLifecycle worker;

  HealthOfBoot3(WorkerLifecycle worker) {
    this.worker = worker;
  }

  @Override
  public Health health() {
    WorkerState state = WorkerState.of(worker);
    return (state.isUp() ? Health.up() : Health.down()).withDetails(state.details()).build();
  }
}
