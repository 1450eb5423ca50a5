package dev.milepost.server;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.milepost.server.grpc.GrpcServer;
import dev.milepost.server.grpc.MilepostServices;
import dev.milepost.server.settings.Exposure;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.server.upkeep.JobTicker;
import dev.milepost.server.webhook.WebhookSender;
import java.io.IOException;
import java.time.Clock;
import java.time.InstantSource;

/** A running server. Thread-safe. */
public final class MilepostServer implements AutoCloseable {
  private final Settings settings;
  private final JobStore store;
  private final JobTicker ticker;
  private final WebhookSender webhooks;
  private final GrpcServer grpc;
  private final Credentials credentials;
  private final Metering metering;
  private final TaskFile tasks;

  private MilepostServer(
      Settings settings,
      Credentials credentials,
      Metering metering,
      TaskFile tasks,
      JobStore store,
      JobTicker ticker,
      WebhookSender webhooks,
      GrpcServer grpc) {
    this.settings = settings;
    this.credentials = credentials;
    this.metering = metering;
    this.tasks = tasks;
    this.store = store;
    this.ticker = ticker;
    this.webhooks = webhooks;
    this.grpc = grpc;
  }

  /**
   * Starts a server by the machine's clock.
   *
   * @throws SettingsException where the settings cannot be used
   * @throws dev.milepost.server.store.StoreException where the store cannot be opened
   */
  public static MilepostServer start(Settings settings) {
    return start(settings, Clock.systemUTC());
  }

  /** Starts a server by a clock of one's own. */
  public static MilepostServer start(Settings settings, InstantSource clock) {
    // An address that must not be used is found out before anything is opened.
    Exposure.check(settings);
    StoreOpener.prepare(settings.store());
    Credentials credentials = Credentials.open(settings, clock);
    try {
      Metering metering = Metering.open(settings.metrics());
      try {
        TaskFile tasks = TaskFile.open(settings.taskFile(), settings.auth().reload());
        try {
          return build(settings, credentials, metering, tasks, clock);
        } catch (RuntimeException e) {
          tasks.close();
          throw e;
        }
      } catch (RuntimeException e) {
        metering.close();
        throw e;
      }
    } catch (RuntimeException e) {
      credentials.close();
      throw e;
    }
  }

  private static MilepostServer build(
      Settings settings,
      Credentials credentials,
      Metering metering,
      TaskFile tasks,
      InstantSource clock) {
    try {
      Injector injector =
          Guice.createInjector(
              Stage.DEVELOPMENT, new MilepostModule(settings, credentials, metering, tasks, clock));
      JobStore store = injector.getInstance(JobStore.class);
      return serve(settings, credentials, metering, tasks, injector, store);
    } catch (ProvisionException e) {
      throw e.getCause() instanceof RuntimeException reason ? reason : e;
    }
  }

  private static MilepostServer serve(
      Settings settings,
      Credentials credentials,
      Metering metering,
      TaskFile tasks,
      Injector injector,
      JobStore store) {
    try {
      GrpcServer grpc = injector.getInstance(GrpcServer.class);
      MilepostServices services = injector.getInstance(MilepostServices.class);
      MilepostServer server =
          new MilepostServer(
              settings,
              credentials,
              metering,
              tasks,
              store,
              injector.getInstance(JobTicker.class),
              injector.getInstance(WebhookSender.class),
              grpc);
      try {
        grpc.start();
        metering.serve(store, services);
        return server;
      } catch (IOException e) {
        server.close();
        throw new SettingsException(
            "The address %s cannot be used (%s): stop the other server, or take another by --listen."
                .formatted(settings.listen(), e.getMessage()));
      }
    } catch (ProvisionException e) {
      store.close();
      throw e;
    }
  }

  /** Where it listens, with the port that it really took. */
  public ListenAddress address() {
    return new ListenAddress(settings.listen().host(), grpc.port());
  }

  /** How callers are known, and whether others can listen, for people. */
  String security() {
    return settings.auth().development()
        ? "development: headers from this machine are believed"
        : "callers must prove who they are; "
            + (settings.tls().identity().isPresent() ? "TLS" : "without TLS");
  }

  /** Where its metrics page is, or why there is none, for people. */
  public String metrics() {
    return metering.whereabouts();
  }

  /** What it keeps its jobs in. */
  public StoreInfo storeInfo() {
    return store.info();
  }

  /**
   * Runs something when the store has failed for good, on a thread of the store: the server then
   * answers no call but with an error, and says so by its health. At once where it has failed
   * already; must be quick.
   */
  void onStoreStopped(Runnable then) {
    // The subscription ends with the store.
    var unused = store.subscribe(ChangeListener.ofEnd(then));
  }

  /**
   * Drains and stops: calls under way finish, streams are told to resume elsewhere, all that came
   * in is committed.
   */
  @Override
  public void close() {
    grpc.close();
    ticker.close();
    webhooks.close();
    // The page is there while the server drains; it asks the store.
    metering.close();
    store.close();
    tasks.close();
    credentials.close();
  }
}
