package dev.milepost.server.grpc;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Subscription;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/**
 * The health of the server: serving from its start until it drains or its store fails for good, but
 * not while its store is away. Thread-safe.
 */
@Singleton
public final class ServerHealth implements AutoCloseable {
  private final HealthStatusManager manager = new HealthStatusManager();
  private final List<String> names;
  private final Subscription subscription;

  // Guarded by this.
  private boolean begun;
  private boolean available = true;
  private boolean over;
  private boolean storeStopped;

  /**
   * Creates the health of a server that does not serve yet.
   *
   * @param services services that have a health status
   */
  @Inject
  ServerHealth(JobStore store, Set<BindableService> services) {
    this.names =
        services.stream()
            .map(service -> service.bindService().getServiceDescriptor().getName())
            .toList();
    setAll(ServingStatus.NOT_SERVING);
    this.subscription = store.subscribe(new StoreListener());
    setAvailable(store.health().engine().isUp());
  }

  /** Returns the standard health service. */
  BindableService service() {
    return new KnownNames((HealthGrpc.HealthImplBase) manager.getHealthService());
  }

  /** Returns whether the server accepts calls. */
  public synchronized boolean isServing() {
    return begun && !over;
  }

  /** Returns whether the store has failed for good, so that the process must be restarted. */
  public synchronized boolean hasStoreStopped() {
    return storeStopped;
  }

  private synchronized void storeStopped() {
    storeStopped = true;
    end();
  }

  /** Starts serving, unless the server has stopped. */
  synchronized void begin() {
    begun = true;
    publish();
  }

  private synchronized void setAvailable(boolean isAvailable) {
    available = isAvailable;
    publish();
  }

  private void publish() {
    if (!over) {
      setAll(begun && available ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }
  }

  /** Stops serving for good. */
  synchronized void end() {
    if (!over) {
      over = true;
      manager.enterTerminalState();
    }
  }

  private void setAll(ServingStatus status) {
    manager.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    names.forEach(name -> manager.setStatus(name, status));
  }

  private final class StoreListener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {}

    @Override
    public void missed() {}

    @Override
    public void availabilityChanged(boolean isAvailable) {
      setAvailable(isAvailable);
    }

    @Override
    public void stopped() {
      storeStopped();
    }
  }

  /**
   * Refuses names that the server does not have. The standard service keeps the watches of every
   * name that anybody has ever made up.
   */
  private final class KnownNames extends HealthGrpc.HealthImplBase {
    private final HealthGrpc.HealthImplBase standard;

    KnownNames(HealthGrpc.HealthImplBase standard) {
      this.standard = standard;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> out) {
      standard.check(request, out);
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> out) {
      if (isKnown(request.getService())) {
        standard.watch(request, out);
      } else {
        out.onNext(
            HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVICE_UNKNOWN).build());
        out.onError(
            Status.NOT_FOUND.withDescription("The server has no such service.").asException());
      }
    }

    private boolean isKnown(String name) {
      return name.equals(HealthStatusManager.SERVICE_NAME_ALL_SERVICES) || names.contains(name);
    }
  }

  /** Unsubscribes from the store. */
  @Override
  public void close() {
    subscription.close();
  }
}
