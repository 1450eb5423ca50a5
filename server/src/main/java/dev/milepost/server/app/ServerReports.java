package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.statistics.JobStatistics;
import dev.milepost.server.statistics.OpenWatches;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetStatsResponse;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobStateCount;
import dev.milepost.v1.ServerLoad;
import dev.milepost.v1.StoreDescription;
import dev.milepost.v1.StoreDurability;
import dev.milepost.v1.TenantStats;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Describes the server and what happens in it, for operators and administrators. Thread-safe. */
@Singleton
public final class ServerReports {
  /** The service config of the contract, as JSON. */
  public static final String SERVICE_CONFIG = serviceConfig();

  private static final int MAX_TENANTS = 100;

  private final ServerDescription server;
  private final JobStore store;
  private final AccessPolicy policy;
  private final TimeSource time;
  private final JobStatistics statistics;
  private final WorkerRecords workers;
  private final ClaimWaiters waiters;
  private final OpenWatches watches;
  private final OldestClaimable oldest;

  @Inject
  public ServerReports(
      ServerDescription server,
      JobStore store,
      AccessPolicy policy,
      TimeSource time,
      JobStatistics statistics,
      WorkerRecords workers,
      ClaimWaiters waiters,
      OpenWatches watches) {
    this.server = server;
    this.store = store;
    this.policy = policy;
    this.time = time;
    this.statistics = statistics;
    this.workers = workers;
    this.waiters = waiters;
    this.watches = watches;
    this.oldest = new OldestClaimable(store);
  }

  private static String serviceConfig() {
    try (InputStream json =
        Objects.requireNonNull(
            ServerReports.class.getResourceAsStream("/milepost/service_config.json"))) {
      return new String(json.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Describes this server. */
  public GetServerInfoResponse info() {
    StoreInfo info = store.info();
    StoreHealth health = store.health();
    return GetServerInfoResponse.newBuilder()
        .setServiceConfig(SERVICE_CONFIG)
        .setVersion(server.version())
        .setCommit(server.commit())
        .setJavaVersion(Runtime.version().toString())
        .setServerId(server.serverId())
        .setServer(server.name().get())
        .setStartTime(Times.timestamp(server.startTime()))
        .setUptime(Times.duration(Duration.ofNanos(time.nanoTime() - server.startNanos())))
        .setStore(
            StoreDescription.newBuilder()
                .setKind(info.name())
                .setDurability(durability(info.durability()))
                .setDurabilityNote(info.durabilityNote())
                .setFeedLag(Times.duration(health.feedLag()))
                .setAvailable(health.engine().isUp()))
        .addAllLimits(server.limits())
        .build();
  }

  private static StoreDurability durability(StoreInfo.Durability durability) {
    return switch (durability) {
      case NONE -> StoreDurability.STORE_DURABILITY_NONE;
      case CONFIGURED -> StoreDurability.STORE_DURABILITY_CONFIGURED;
      case DURABLE -> StoreDurability.STORE_DURABILITY_DURABLE;
    };
  }

  /**
   * Describes what happens in the tenants that a caller may see.
   *
   * @param openCalls how many calls are open on this server
   */
  public CompletionStage<GetStatsResponse> stats(
      Caller caller, GetStatsRequest request, int openCalls) {
    FieldChecks violations = new FieldChecks();
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    violations.orThrow();
    String tenant =
        policy
            .narrow(caller, JobFilter.newBuilder().setTenantId(request.getTenantId()).build())
            .getTenantId();
    GetStatsResponse.Builder response = GetStatsResponse.newBuilder();
    if (caller.is(Role.ADMIN)) {
      response.setLoad(load(openCalls));
    }
    return addJobs(response, tenant)
        .thenCompose(done -> statistics.totals(tenant))
        .thenCompose(
            totals -> {
              response.addAllPeriods(PeriodReports.periods(totals));
              response.addAllHistory(PeriodReports.history(totals));
              return workers.workers(tenant);
            })
        .thenCompose(
            known -> {
              addWorkers(response, known);
              return tenant.isEmpty()
                  ? statistics.busiestTenants(MAX_TENANTS)
                  : CompletableFuture.completedStage(List.of());
            })
        .thenApply(
            tenants -> {
              tenants.forEach(
                  sums ->
                      response.addTenants(
                          TenantStats.newBuilder()
                              .setTenantId(sums.tenantId())
                              .addAllPeriods(PeriodReports.sums(sums.sums()))));
              return response.build();
            });
  }

  /**
   * Says what this server is busy with.
   *
   * @param openCalls how many calls are open on this server
   */
  public ServerLoad load(int openCalls) {
    return ServerLoad.newBuilder()
        .setOpenCalls(openCalls)
        .setOpenWatches(watches.count())
        .setWaitingClaims(waiters.waiting())
        .setPendingChanges(store.pendingUpdates())
        .build();
  }

  private CompletionStage<Boolean> addJobs(GetStatsResponse.Builder to, String tenant) {
    CountQuery byState =
        new CountQuery(
            JobFilter.newBuilder().setTenantId(tenant).build(), Set.of(JobGroup.JOB_GROUP_STATE));
    return store
        .count(byState)
        .thenCompose(
            counts -> {
              counts.stream()
                  .filter(count -> count.getCount() > 0)
                  .sorted(Comparator.comparingInt(JobCount::getStateValue))
                  .forEach(
                      count ->
                          to.addJobCounts(
                              JobStateCount.newBuilder()
                                  .setState(count.getState())
                                  .setCount(count.getCount())));
              return oldest.since(tenant);
            })
        .thenApply(
            since -> {
              since.ifPresent(
                  oldestTime -> {
                    Duration age = Duration.between(oldestTime, store.clock().instant());
                    to.setOldestClaimableTime(Times.timestamp(oldestTime))
                        .setOldestClaimableAge(
                            Times.duration(age.isNegative() ? Duration.ZERO : age));
                  });
              return true;
            });
  }

  private static void addWorkers(GetStatsResponse.Builder to, Collection<KnownWorker> known) {
    to.setKnownWorkers(known.size())
        .setWaitingWorkers((int) known.stream().filter(KnownWorker::getWaiting).count());
  }
}
