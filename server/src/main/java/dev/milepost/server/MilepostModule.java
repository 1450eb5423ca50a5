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

/** Puts a server together. */
final class MilepostModule extends AbstractModule {
  private static final Logger LOG = LoggerFactory.getLogger(MilepostModule.class);

  private final Settings settings;
  private final Credentials credentials;
  private final Metering metering;
  private final TaskFile tasks;
  private final InstantSource clock;

  MilepostModule(
      Settings settings,
      Credentials credentials,
      Metering metering,
      TaskFile tasks,
      InstantSource clock) {
    this.settings = settings;
    this.credentials = credentials;
    this.metering = metering;
    this.tasks = tasks;
    this.clock = clock;
  }

  @Override
  protected void configure() {
    bind(Settings.class).toInstance(settings);
    bind(InstantSource.class).toInstance(clock);
    bind(AccessPolicy.class).toInstance(new AccessPolicy());
    bind(Authenticator.class).toInstance(credentials.authenticator());
  }

  @Provides
  @Singleton
  JobRules rules() {
    return new JobRules(jobDefaults(settings.jobs()), clock.instant());
  }

  @Provides
  @Singleton
  JobStore store() {
    JobStore store =
        StoreOpener.open(settings.store(), clock, settings.jobs().journalCap(), metering.commits());
    try {
      CopyMark.requireNone(store);
      settings.importFrom().ifPresent(url -> fill(store, url));
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Before anybody can look: nobody sees it half full. */
  private void fill(JobStore store, String url) {
    SourceOpener opener =
        new SourceOpener(settings.jobs().journalCap(), Optional.empty(), Optional.empty());
    try (JobSource source = opener.open(url)) {
      StoreCopy.Result copied =
          new StoreCopy(source, store, Optional.empty(), CopyProgress.NONE).run();
      LOG.info("Filled from {}: {} jobs.", source.name(), copied.jobs());
    }
  }

  @Provides
  @Singleton
  JobWatchHub hub(JobStore store) {
    return new JobWatchHub(
        store, settings.jobs().journalCap(), settings.bookmarkInterval(), metering.watches());
  }

  @Provides
  @Singleton
  ListWatchHub listWatchHub(JobStore store) {
    return new ListWatchHub(store, settings.bookmarkInterval(), metering.watches());
  }

  @Provides
  @Singleton
  ClaimWaiters waiters(JobStore store) {
    return new ClaimWaiters(store);
  }

  @Provides
  @Singleton
  WebhookSender webhooks(JobStore store, JobRules rules) {
    return new WebhookSender(store, rules, clock, settings.loopbackWebhooks(), metering.webhooks());
  }

  @Provides
  @Singleton
  JobTicker ticker(JobStore store, JobRules rules, WebhookSender webhooks) {
    return new JobTicker(
        store, rules, clock, settings.pollInterval(), webhooks::committed, metering.ticks());
  }

  @Provides
  @Singleton
  TokenSealer sealer() {
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
      TokenSealer sealer) {
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
        clock,
        settings.auth().recheck(),
        metering.services());
  }

  @Provides
  @Singleton
  GrpcServer grpc(MilepostServices services) {
    return new GrpcServer(
        Exposure.check(settings),
        credentials.server(),
        services,
        builder -> limit(builder, settings.connections()),
        settings.connections().drainTimeout(),
        metering.calls());
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
