package dev.milepost.server.grpc;

import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Subscription;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;

/**
 * Whether calls are welcome: from the server's start until it drains, or until its store fails for
 * good. Thread-safe.
 */
final class ServerHealth implements AutoCloseable {
  private final HealthStatusManager manager = new HealthStatusManager();
  private final List<String> names;
  private final Subscription subscription;

  // Guarded by this.
  private boolean serving;
  private boolean over;

  /**
   * Health of a server that does not serve yet.
   *
   * @param services services whose health can be asked for by their names
   */
  ServerHealth(JobStore store, String... services) {
    this.names = List.of(services);
    setAll(ServingStatus.NOT_SERVING);
    this.subscription = store.subscribe(ChangeListener.ofEnd(this::end));
  }

  /** The standard service that tells it. */
  BindableService service() {
    return manager.getHealthService();
  }

  synchronized boolean isServing() {
    return serving;
  }

  /** Calls are welcome from now on, unless it is over already. */
  synchronized void begin() {
    if (!over) {
      serving = true;
      setAll(ServingStatus.SERVING);
    }
  }

  /** Calls are welcome no more, whatever comes. */
  synchronized void end() {
    if (!over) {
      over = true;
      serving = false;
      manager.enterTerminalState();
    }
  }

  private void setAll(ServingStatus status) {
    manager.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    names.forEach(name -> manager.setStatus(name, status));
  }

  /** Hears of its store no more. */
  @Override
  public void close() {
    subscription.close();
  }
}
