package dev.milepost.spring;

import dev.milepost.client.Worker;
import dev.milepost.client.WorkerHealth;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the worker of the application is doing, for health endpoints.
 *
 * @param isUp whether jobs are claimed, or the application has no worker
 * @param details what people want to know
 */
record WorkerState(boolean isUp, Map<String, Object> details) {
  WorkerState {
    details = Map.copyOf(details);
  }

  static WorkerState of(WorkerLifecycle lifecycle) {
    return lifecycle
        .worker()
        .map(WorkerState::of)
        .orElseGet(() -> new WorkerState(true, Map.of("worker", "none")));
  }

  private static WorkerState of(Worker worker) {
    WorkerHealth health = worker.health();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("worker", worker.workerId());
    details.put("state", health.state().name());
    details.put("running", worker.running());
    health.problem().ifPresent(problem -> details.put("problem", problem));
    return new WorkerState(health.isReady(), details);
  }
}
