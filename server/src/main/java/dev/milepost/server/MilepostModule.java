package dev.milepost.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.TokenSealer;
import dev.milepost.server.copy.CopyMark;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.remote.SourceOpener;
import dev.milepost.server.grpc.GrpcServer;
import dev.milepost.server.grpc.MilepostServices;
import dev.milepost.server.grpc.operations.OperationService;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobRetention;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.settings.CallerSettings;
import dev.milepost.server.settings.ConnectionSettings;
import dev.milepost.server.settings.Exposure;
import dev.milepost.server.settings.JobSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.server.upkeep.JobTicker;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.webhook.WebhookSender;
import io.grpc.netty.NettyServerBuilder;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires a server: everything that is opened is registered with the closer. A provider that takes a
 * parameter without using it has that part opened first.
 */
@SuppressWarnings("UnusedVariable") // Such parameters set the order in which parts are opened.
final class MilepostModule extends AbstractModule {
  private static final Logger LOG = LoggerFactory.getLogger(MilepostModule.class);

  private final Settings settings;
  private final InstantSource time;
  private final Closer closer;

  MilepostModule(Settings settings, InstantSource time, Closer closer) {
    this.settings = settings;
    this.time = time;
    this.closer = closer;
  }

  @Override
  protected void configure() {
    bind(Settings.class).toInstance(settings);
    bind(InstantSource.class).toInstance(time);
    bind(Closer.class).toInstance(closer);
    bind(AccessPolicy.class).toInstance(new AccessPolicy());
  }

  @Provides
  @Singleton
  Credentials credentials(InstantSource time) {
    return closer.register(Credentials.open(settings, time));
  }

  @Provides
  Authenticator authenticator(Credentials credentials) {
    return credentials.authenticator();
  }

  @Provides
  @Singleton
  Metering metering() {
    return closer.register(Metering.open(settings.metrics()));
  }

  @Provides
  @Singleton
  TaskFile tasks() {
    return closer.register(TaskFile.open(settings.taskFile(), settings.auth().reload()));
  }

  @Provides
  @Singleton
  JobRules rules(InstantSource time) {
    return new JobRules(jobDefaults(settings.jobs()), time.instant());
  }

  /** Opens the store after the credentials and the metrics address are known to be usable. */
  @Provides
  @Singleton
  JobStore store(InstantSource time, Credentials credentials, Metering metering, TaskFile tasks) {
    JobStore store =
        closer.register(
            StoreOpener.open(
                settings.store(), time, settings.jobs().journalCap(), metering.commits()));
    CopyMark.requireNone(store);
    settings.importFrom().ifPresent(url -> importJobs(store, url));
    return store;
  }

  /** Runs before anything is served, so that no caller sees an incomplete copy. */
  private void importJobs(JobStore store, String url) {
    SourceOpener opener =
        new SourceOpener(settings.jobs().journalCap(), Optional.empty(), Optional.empty());
    try (JobSource source = opener.open(url)) {
      StoreCopy.Result copied =
          new StoreCopy(source, store, Optional.empty(), CopyProgress.NONE).run();
      LOG.info("Imported {} jobs from {}.", copied.jobs(), source.name());
    }
  }

  @Provides
  @Singleton
  JobWatchHub hub(JobStore store, Metering metering) {
    return new JobWatchHub(
        store, settings.jobs().journalCap(), settings.bookmarkInterval(), metering.watches());
  }

  @Provides
  @Singleton
  ListWatchHub listWatchHub(JobStore store, Metering metering) {
    return new ListWatchHub(store, settings.bookmarkInterval(), metering.watches());
  }

  @Provides
  @Singleton
  ClaimWaiters waiters(JobStore store) {
    return new ClaimWaiters(store);
  }

  @Provides
  @Singleton
  WebhookSender webhooks(JobStore store, JobRules rules, InstantSource time, Metering metering) {
    return closer.register(
        new WebhookSender(store, rules, time, settings.loopbackWebhooks(), metering.webhooks()));
  }

  @Provides
  @Singleton
  JobTicker ticker(
      JobStore store,
      JobRules rules,
      InstantSource time,
      WebhookSender webhooks,
      Metering metering) {
    return closer.register(
        new JobTicker(
            store, rules, time, settings.pollInterval(), webhooks::committed, metering.ticks()));
  }

  @Provides
  @Singleton
  TokenSealer sealer(JobStore store) {
    return new TokenSealer(TokenKey.load(settings));
  }

  @Provides
  @Singleton
  MilepostServices services(
      JobStore store,
      JobRules rules,
      AccessPolicy policy,
      Authenticator authenticator,
      JobWatchHub hub,
      ListWatchHub listWatchHub,
      ClaimWaiters waiters,
      TokenSealer sealer,
      TaskFile tasks,
      InstantSource time,
      Metering metering) {
    return new MilepostServices(
        store,
        rules,
        policy,
        authenticator,
        hub,
        listWatchHub,
        waiters,
        sealer,
        OperationService::new,
        callerLimits(settings.callers()),
        tasks::definitions,
        time,
        settings.auth().recheck(),
        metering.services());
  }

  @Provides
  @Singleton
  GrpcServer grpc(
      JobTicker ticker, MilepostServices services, Credentials credentials, Metering metering) {
    // Created after the ticker, and so closed before it: timers still fire while calls drain.
    return closer.register(
        new GrpcServer(
            Exposure.check(settings),
            credentials.server(),
            services,
            builder -> limit(builder, settings.connections()),
            settings.connections().drainTimeout(),
            metering.calls()));
  }

  private static JobDefaults jobDefaults(JobSettings jobs) {
    return new JobDefaults(
        jobs.lease(),
        jobs.cancelGrace(),
        jobs.stallAfter(),
        jobs.maxRetries(),
        jobs.priority(),
        jobs.journalCap(),
        jobs.logBytes(),
        new JobRetention(jobs.keepSucceeded(), jobs.keepFailed(), jobs.keepCancelled()));
  }

  private static CallerLimits callerLimits(CallerSettings callers) {
    return new CallerLimits(
        callers.userRequests(),
        callers.tenantRequests(),
        callers.burst(),
        callers.userStreams(),
        callers.tenantJobs(),
        callers.childItems(),
        callers.storeChanges());
  }

  private static void limit(NettyServerBuilder builder, ConnectionSettings limits) {
    builder
        .maxConcurrentCallsPerConnection(limits.calls())
        .maxInboundMessageSize(limits.messageBytes())
        .maxInboundMetadataSize(limits.metadataBytes())
        .maxConnectionIdle(limits.idle().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAge(limits.age().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(limits.ageGrace().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.clientKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .maxRstFramesPerWindow(limits.resetsPerWindow(), (int) limits.resetWindow().toSeconds());
  }
}
