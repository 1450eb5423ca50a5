package dev.milepost.server;

import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import com.google.inject.util.Modules;
import dev.milepost.server.app.DiskFloor;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.grpc.GrpcServer;
import dev.milepost.server.grpc.ServerHealth;
import dev.milepost.server.metrics.Readings;
import dev.milepost.server.settings.Exposure;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.server.watch.ClaimWaiters;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server; the way to embed one in another program or a test. Thread-safe.
 *
 * <pre>{@code
 * Settings settings =
 *     Settings.with(
 *         Map.of(
 *             "milepost.store", "memory:",
 *             "milepost.listen", "localhost:0",
 *             "milepost.http.listen", "off"));
 * try (MilepostServer server = MilepostServer.start(settings)) {
 *   JobClient client = JobClient.connect("localhost:" + server.port());
 *   ...
 * }
 * }</pre>
 */
public final class MilepostServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MilepostServer.class);

  private final Settings settings;
  private final Closer closer;
  private final JobStore store;
  private final DiskFloor disk;
  private final Metering metering;
  private final HttpWiring http;
  private final ServerHealth health;
  private final ClaimWaiters waiters;
  private final Credentials credentials;
  private final GrpcServer grpc;

  /** Assembles the parts without serving yet. */
  @Inject
  MilepostServer(
      Settings settings,
      Closer closer,
      JobStore store,
      DiskFloor disk,
      Metering metering,
      HttpWiring http,
      ServerHealth health,
      ClaimWaiters waiters,
      Credentials credentials,
      GrpcServer grpc) {
    this.settings = settings;
    this.closer = closer;
    this.store = store;
    this.disk = disk;
    this.metering = metering;
    this.http = http;
    this.health = health;
    this.waiters = waiters;
    this.credentials = credentials;
    this.grpc = grpc;
  }

  /**
   * Starts a server on the system clock. Blocks until it serves gRPC; HTTP connections are accepted
   * from then on, and answered a moment later.
   *
   * @throws SettingsException if the settings are invalid, or an address cannot be bound
   * @throws dev.milepost.server.store.StoreException if the store cannot be opened
   * @throws dev.milepost.server.copy.CopyException if the jobs to start with cannot be imported
   */
  public static MilepostServer start(Settings settings) {
    return start(settings, TimeSource.system());
  }

  /**
   * Starts a server on another source of time, with some parts replaced. Whatever was opened is
   * closed again if a later part fails.
   *
   * @param time the wall clock and the elapsed time: leases, time-outs and expiry follow it
   * @param overrides Guice modules whose bindings replace the server's own, for tests
   * @throws SettingsException if the settings are invalid, or an address cannot be bound
   * @throws dev.milepost.server.store.StoreException if the store cannot be opened
   * @throws dev.milepost.server.copy.CopyException if the jobs to start with cannot be imported
   */
  public static MilepostServer start(Settings settings, TimeSource time, Module... overrides) {
    // Reject an unsafe address before anything is opened.
    Exposure.check(settings);
    StoreOpener.prepare(settings.store());
    Closer closer = new Closer();
    try {
      Injector injector =
          Guice.createInjector(
              Stage.DEVELOPMENT,
              Modules.override(new MilepostModule(settings, time, closer)).with(overrides));
      MilepostServer server = injector.getInstance(MilepostServer.class);
      server.serve();
      return server;
    } catch (ProvisionException e) {
      closer.close();
      throw e.getCause() instanceof RuntimeException reason ? reason : e;
    } catch (RuntimeException e) {
      closer.close();
      throw e;
    }
  }

  private void serve() {
    try {
      grpc.start();
    } catch (IOException e) {
      throw new SettingsException(
          "The address %s cannot be used (%s). Stop the other server, or choose another address with --listen."
                  .formatted(settings.listen(), e.getMessage())
              + settings.origins().setBy("milepost.listen"));
    }
    if (settings.auth().development()) {
      LOG.warn(
          "Development mode: callers are not authenticated. Every program on this machine can act"
              + " as any user. Set milepost.auth.tokens.file to require credentials.");
    }
    StartupWarnings.of(settings).forEach(LOG::warn);
    HealthReports reports = new HealthReports(store, health, disk);
    metering.begin(
        new Readings(
            store,
            () -> reports.report().isReady(),
            disk::free,
            WriteAheadLogSize.of(settings.store()),
            waiters::waiting,
            credentials::certificateExpiry,
            BuildInfo.current().version(),
            BuildInfo.current().commit()),
        () -> http.serve(reports));
  }

  /** Returns the port on which it serves gRPC: the actual one if the settings ask for port 0. */
  public int port() {
    return grpc.port();
  }

  /** Returns the address on which it serves gRPC, with the actual port. */
  public ListenAddress address() {
    return new ListenAddress(settings.listen().host(), port());
  }

  /** Describes for people how callers are authenticated and whether connections are encrypted. */
  String security() {
    return settings.auth().development()
        ? "development mode: callers are not authenticated"
        : "callers must authenticate; "
            + (settings.tls().identity().isPresent() ? "TLS" : "without TLS");
  }

  /** Returns the URL of the HTTP port, or describes for people why there is none. */
  public String http() {
    return http.url();
  }

  /** Completes when HTTP is served too, at once if it is not to be; fails if it cannot be. */
  CompletionStage<Void> httpServed() {
    return http.served();
  }

  /** Describes the store. */
  public StoreInfo storeInfo() {
    return store.info();
  }

  /**
   * Runs an action when the store has failed for good, or at once if it already has. The server
   * then rejects every call and reports NOT_SERVING.
   *
   * @param action runs on a thread of the store; must be quick
   */
  void onStoreStopped(Runnable action) {
    // The subscription ends with the store.
    var unused = store.subscribe(ChangeListener.ofEnd(action));
  }

  /**
   * Drains and stops: calls in progress finish, streams end with a request to resume elsewhere, and
   * every accepted change is committed. Blocks. Further calls do nothing.
   */
  @Override
  public void close() {
    closer.close();
  }
}
