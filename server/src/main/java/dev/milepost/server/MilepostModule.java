package dev.milepost.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provider;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.AuditLog;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CredentialChecks;
import dev.milepost.server.access.ShareTokens;
import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.DiskFloor;
import dev.milepost.server.app.LiveStats;
import dev.milepost.server.app.ServerDescription;
import dev.milepost.server.app.ServerReports;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.app.StatsScope;
import dev.milepost.server.app.StatsSnapshot;
import dev.milepost.server.app.StoreBackups;
import dev.milepost.server.app.WorkerViews;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.copy.CopyMark;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.remote.SourceOpener;
import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.grpc.AccessInterceptor;
import dev.milepost.server.grpc.AdminService;
import dev.milepost.server.grpc.AuditInterceptor;
import dev.milepost.server.grpc.CallBounds;
import dev.milepost.server.grpc.FailedCredentials;
import dev.milepost.server.grpc.GrpcServer;
import dev.milepost.server.grpc.GrpcServices;
import dev.milepost.server.grpc.JobService;
import dev.milepost.server.grpc.LimitInterceptor;
import dev.milepost.server.grpc.OpenCalls;
import dev.milepost.server.grpc.Reauthorization;
import dev.milepost.server.grpc.RequestIds;
import dev.milepost.server.grpc.ServerHealth;
import dev.milepost.server.grpc.TaskService;
import dev.milepost.server.grpc.WorkerService;
import dev.milepost.server.grpc.operations.OperationService;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.log.AuditFile;
import dev.milepost.server.settings.ByteRateSettings;
import dev.milepost.server.settings.Exposure;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.statistics.JobCounters;
import dev.milepost.server.statistics.JobStatistics;
import dev.milepost.server.statistics.OpenWatches;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.engine.ElapsedClock;
import dev.milepost.server.store.engine.UnreadableReports;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.server.task.TaskDefinitions;
import dev.milepost.server.transport.ByteRates;
import dev.milepost.server.transport.BytesInFlight;
import dev.milepost.server.transport.Connections;
import dev.milepost.server.transport.TransportLimits;
import dev.milepost.server.upkeep.JobTicker;
import dev.milepost.server.watch.AttemptHub;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.server.webhook.WebhookSender;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.server.workers.WorkerRegistry;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
  private final TimeSource time;
  private final Closer closer;

  MilepostModule(Settings settings, TimeSource time, Closer closer) {
    this.settings = settings;
    this.time = time;
    this.closer = closer;
  }

  @Override
  protected void configure() {
    bind(Settings.class).toInstance(settings);
    bind(TimeSource.class).toInstance(time);
    bind(InstantSource.class).to(TimeSource.class);
    bind(Closer.class).toInstance(closer);
    bind(AccessPolicy.class).toInstance(new AccessPolicy());
    bind(CallerLimits.class).toInstance(Limits.callers(settings.callers()));
    bindServices();
    bindInterceptors();
  }

  private void bindServices() {
    Multibinder<BindableService> services =
        Multibinder.newSetBinder(binder(), BindableService.class);
    services.addBinding().to(JobService.class);
    services.addBinding().to(WorkerService.class);
    services.addBinding().to(TaskService.class);
    services.addBinding().to(AdminService.class);
    services.addBinding().to(OperationService.class);
  }

  /** In the order in which they see a call: each needs what those before it have found out. */
  private void bindInterceptors() {
    Multibinder<ServerInterceptor> interceptors =
        Multibinder.newSetBinder(binder(), ServerInterceptor.class);
    interceptors.addBinding().to(RequestIds.class);
    interceptors.addBinding().to(CallBounds.class);
    interceptors.addBinding().to(OpenCalls.class);
    interceptors.addBinding().to(AuditInterceptor.class);
    interceptors.addBinding().to(AccessInterceptor.class);
    interceptors.addBinding().to(LimitInterceptor.class);
  }

  @Provides
  @Singleton
  Credentials credentials(TimeSource time, AuditLog audit) {
    return closer.register(Credentials.open(settings, time, audit::record));
  }

  @Provides
  @Singleton
  Authenticator authenticator(Credentials credentials, ShareTokens shares, TimeSource time) {
    return credentials.authenticator(shares, time);
  }

  /** Takes the store, beside whose file the key may be. */
  @Provides
  @Singleton
  ShareTokens shareTokens(JobStore store, TimeSource time) {
    return new ShareTokens(TokenKey.load(settings), time);
  }

  @Provides
  @Singleton
  HttpPort http() {
    return closer.register(HttpPort.open(settings.http(), settings.tls().identity().isPresent()));
  }

  @Provides
  @Singleton
  Metering metering(HttpPort http) {
    return closer.register(new Metering(http.isOpen()));
  }

  @Provides
  @Singleton
  TaskFile tasks() {
    return closer.register(TaskFile.open(settings));
  }

  @Provides
  @Singleton
  JobRules rules() {
    return new JobRules(Limits.jobs(settings.jobs()), settings.loopbackWebhooks());
  }

  /** The clock of stores that have none of their own. */
  @Provides
  @Singleton
  ElapsedClock elapsedClock(TimeSource time, Metering metering) {
    return closer.register(
        new ElapsedClock(time, TimeSource.system()::nanoTime, metering.commits()));
  }

  /** Opens the store after the credentials and the metrics address are known to be usable. */
  @Provides
  @Singleton
  JobStore store(
      ElapsedClock clock,
      Credentials credentials,
      Metering metering,
      JobCounters counters,
      TaskFile tasks) {
    JobStore store =
        closer.register(
            new UnreadableReports(
                StoreOpener.open(
                    settings.store(),
                    clock,
                    settings.jobs().journalCap(),
                    settings.acceptDataLoss(),
                    counters),
                metering.commits()));
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
      if (copied.unreadable() > 0) {
        LOG.warn(
            "{} jobs are damaged in the source and were left out: {}",
            copied.unreadable(),
            copied.unreadableKeys());
      }
      if (copied.damaged() > 0) {
        LOG.warn(
            "{} jobs were imported without journal entries or items that are damaged in the"
                + " source: {}",
            copied.damaged(),
            copied.damagedKeys());
      }
    }
  }

  @Provides
  FreeSpace freeSpace() {
    return StoreOpener.sqliteFile(settings.store())
        .map(FreeSpace::of)
        .orElse(() -> FreeSpace.UNKNOWN);
  }

  /** Takes the store, whose file must exist. */
  @Provides
  @Singleton
  DiskFloor diskFloor(JobStore store, FreeSpace space) {
    if (StoreOpener.sqliteFile(settings.store()).isEmpty()) {
      return DiskFloor.none();
    }
    DiskFloor floor = new DiskFloor(settings.minFreeDisk(), space::bytes);
    var unused = closer.register(new DiskWatch(floor));
    return floor;
  }

  @Provides
  @Singleton
  StoreBackups backups(JobStore store, TimeSource time) {
    Path directory =
        settings
            .backupDirectory()
            .or(
                () ->
                    StoreOpener.sqliteFile(settings.store())
                        .map(db -> db.resolveSibling(db.getFileName() + "-backups")))
            .orElse(Path.of(""));
    return new StoreBackups(store, directory.toString(), settings.minFreeDisk(), time);
  }

  @Provides
  @Singleton
  JobWatchHub hub(JobStore store, TimeSource time, OpenWatches watches) {
    return new JobWatchHub(
        store, settings.jobs().journalCap(), settings.bookmarkInterval(), time, watches);
  }

  @Provides
  @Singleton
  AttemptHub attempts(JobStore store) {
    return closer.register(new AttemptHub(store));
  }

  @Provides
  @Singleton
  ListWatchHub listWatchHub(JobStore store, TimeSource time, OpenWatches watches) {
    return new ListWatchHub(store, settings.bookmarkInterval(), time, watches);
  }

  @Provides
  @Singleton
  LiveStats liveStats(
      JobStore store,
      AccessPolicy policy,
      JobStatistics statistics,
      WorkerRecords workers,
      WorkerViews views,
      ServerReports reports,
      OpenCalls calls) {
    return new LiveStats(
        store, policy, statistics, workers, views, () -> reports.load(calls.count()));
  }

  @Provides
  @Singleton
  ValueWatchHub<StatsScope, StatsSnapshot> statsWatchHub(
      JobStore store, LiveStats stats, TimeSource time, OpenWatches watches) {
    return new ValueWatchHub<>(
        "milepost-watch-stats", store, stats, settings.bookmarkInterval(), time, watches);
  }

  @Provides
  @Singleton
  ClaimWaiters waiters(JobStore store) {
    return new ClaimWaiters(store);
  }

  @Provides
  @Singleton
  ServerDescription description(Provider<GrpcServer> grpc) {
    BuildInfo build = BuildInfo.current();
    return new ServerDescription(
        build.version(),
        build.commit().equals(BuildInfo.UNKNOWN) ? "" : build.commit(),
        UUID.randomUUID().toString(),
        ServerName.of(() -> grpc.get().port()),
        time.instant(),
        time.nanoTime(),
        LimitList.of(settings));
  }

  @Provides
  @Singleton
  OpenWatches openWatches(Metering metering) {
    return new OpenWatches(metering.watches());
  }

  @Provides
  @Singleton
  JobCounters counters(TimeSource time, Metering metering) {
    return new JobCounters(time, metering.commits());
  }

  @Provides
  @Singleton
  JobStatistics statistics(
      JobStore store, JobCounters counters, TimeSource time, ServerDescription server) {
    return new JobStatistics(store, counters, time, server.serverId());
  }

  @Provides
  @Singleton
  WorkerRegistry workerRegistry(JobStore store, ServerDescription server) {
    return new WorkerRegistry(store.clock(), server.name());
  }

  @Provides
  @Singleton
  WorkerRecords workerRecords(JobStore store, WorkerRegistry registry, ServerDescription server) {
    return new WorkerRecords(store, registry, server.serverId());
  }

  /** Registered after the store, so that the last write still finds it open. */
  @Provides
  @Singleton
  RecordWriter recordWriter(
      ScheduledExecutorService timer, WorkerRecords workers, JobStatistics statistics) {
    return closer.register(new RecordWriter(timer, List.of(workers::write, statistics::write)));
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
      ElapsedClock clock,
      WebhookSender webhooks,
      Metering metering) {
    clock.start();
    return closer.register(
        new JobTicker(
            store, rules, settings.pollInterval(), webhooks::committed, metering.ticks()));
  }

  @Provides
  @Singleton
  TokenSealer sealer(JobStore store) {
    return new TokenSealer(TokenKey.load(settings));
  }

  /** Ends waits, and checks credentials again. */
  @Provides
  @Singleton
  ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-timer"));
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Provides
  @Singleton
  Reauthorization reauthorization(Authenticator authenticator, ScheduledExecutorService timer) {
    return new Reauthorization(authenticator, settings.auth().recheck(), timer);
  }

  @Provides
  @Singleton
  TransportLimits transportLimits() {
    return Limits.transport(settings);
  }

  @Provides
  @Singleton
  Connections connections(TransportLimits limits, Metering metering) {
    return new Connections(limits, () -> metering.services().refused("connections"));
  }

  @Provides
  @Singleton
  ByteRates byteRates(InstantSource time) {
    ByteRateSettings rates = settings.byteRates();
    return new ByteRates(rates.userBytes(), rates.tenantBytes(), rates.burst(), time);
  }

  @Provides
  @Singleton
  BytesInFlight bytesInFlight(
      TransportLimits limits, ByteRates rates, TimeSource time, ScheduledExecutorService timer) {
    BytesInFlight bytes = new BytesInFlight(limits, rates, time);
    var unused = timer.scheduleWithFixedDelay(bytes::sweep, 1, 1, TimeUnit.SECONDS);
    return bytes;
  }

  @Provides
  @Singleton
  AuditLog audit(ScheduledExecutorService timer) {
    return closer.register(new AuditLog(timer, settings.log().auditFile().map(this::auditFile)));
  }

  private AuditFile auditFile(Path file) {
    try {
      return AuditFile.open(file);
    } catch (IOException e) {
      throw new SettingsException(
          "The audit file %s cannot be written (%s). Make its directory writable, or name another file."
                  .formatted(file, e)
              + settings.origins().setBy("milepost.audit.file"));
    }
  }

  @Provides
  @Singleton
  CredentialChecks credentialChecks() {
    return new CredentialChecks();
  }

  @Provides
  @Singleton
  FailedCredentials failedCredentials(ScheduledExecutorService timer) {
    return new FailedCredentials(
        settings.auth().failuresPerMinute(), settings.auth().failureDelay(), time, timer);
  }

  @Provides
  Supplier<TaskDefinitions> definitions(TaskFile tasks) {
    return tasks::definitions;
  }

  @Provides
  ServiceObserver serviceObserver(Metering metering) {
    return metering.services();
  }

  @Provides
  @Singleton
  GrpcServer grpc(
      JobTicker ticker,
      RecordWriter records,
      GrpcServices services,
      ServerHealth health,
      OpenCalls calls,
      Credentials credentials,
      Connections connections,
      BytesInFlight bytes,
      Metering metering) {
    // Created after the ticker, and so closed before it: timers still fire while calls drain.
    return closer.register(
        new GrpcServer(
            Exposure.addresses(settings),
            credentials.server(),
            services,
            health,
            calls,
            connections,
            bytes,
            builder -> Limits.apply(settings.connections(), builder),
            settings.connections().drainTimeout(),
            metering.calls()));
  }
}
