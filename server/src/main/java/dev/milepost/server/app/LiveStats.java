package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.statistics.JobStatistics;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobNumbers;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStateCount;
import dev.milepost.v1.QueuedType;
import dev.milepost.v1.ServerLoad;
import dev.milepost.v1.WatchStatsRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the statistics that are watched. Thread-safe. */
public final class LiveStats implements ValueWatchHub.Source<StatsScope, StatsSnapshot> {
  private static final int MAX_TYPES = 20;

  private static final Comparator<JobCount> LARGEST_FIRST =
      Comparator.comparingLong(JobCount::getCount).reversed().thenComparing(JobCount::getType);

  private final JobStore store;
  private final AccessPolicy policy;
  private final JobStatistics statistics;
  private final WorkerRecords workers;
  private final WorkerViews views;
  private final OldestClaimable oldest;
  private final JobAttention attention;
  private final Supplier<ServerLoad> load;

  /**
   * Reads from a store.
   *
   * @param load tells what this server is busy with
   */
  public LiveStats(
      JobStore store,
      AccessPolicy policy,
      JobStatistics statistics,
      WorkerRecords workers,
      WorkerViews views,
      Supplier<ServerLoad> load) {
    this.store = store;
    this.policy = policy;
    this.statistics = statistics;
    this.workers = workers;
    this.views = views;
    this.oldest = new OldestClaimable(store);
    this.attention = new JobAttention(store);
    this.load = load;
  }

  /** Returns what a caller may watch of what it asks for. */
  public StatsScope scope(Caller caller, WatchStatsRequest request) {
    FieldChecks violations = new FieldChecks();
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    violations.orThrow();
    JobFilter narrowed =
        policy.narrow(caller, JobFilter.newBuilder().setTenantId(request.getTenantId()).build());
    return new StatsScope(narrowed.getTenantId(), narrowed.getUserId());
  }

  @Override
  public List<StatsScope> concerned(Change change) {
    JobKey key = change.key();
    JobRecord job = change.after() == null ? change.before() : change.after();
    List<StatsScope> concerned = new ArrayList<>(3);
    concerned.add(new StatsScope("", ""));
    concerned.add(new StatsScope(key.tenantId(), ""));
    if (job != null) {
      concerned.add(new StatsScope(key.tenantId(), job.getJob().getUserId()));
    }
    return concerned;
  }

  @Override
  public CompletionStage<StatsSnapshot> read(StatsScope scope, @Nullable StatsSnapshot before) {
    return attention
        .in(scope)
        .thenCompose(
            jobs ->
                scope.isOfUser()
                    ? ofUser(scope)
                        .thenApply(
                            numbers -> new StatsSnapshot.Values(numbers, jobs, Optional.empty()))
                    : ofTenant(scope)
                        .thenApply(
                            found ->
                                new StatsSnapshot.Values(
                                    found.numbers, jobs, Optional.of(found.activity))))
        .thenApply(values -> StatsSnapshot.of(values, before));
  }

  private record OfTenant(JobNumbers numbers, StatsSnapshot.Activity activity) {}

  private CompletionStage<JobNumbers> ofUser(StatsScope scope) {
    return numbers(scope, null).thenApply(JobNumbers.Builder::build);
  }

  private CompletionStage<OfTenant> ofTenant(StatsScope scope) {
    return workers
        .workers(scope.tenantId())
        .thenCompose(known -> WorkerCensus.of(known, views, store.clock().instant()))
        .thenCompose(
            census ->
                numbers(scope, census)
                    .thenCompose(numbers -> withOldest(numbers, scope))
                    .thenCompose(
                        numbers ->
                            statistics
                                .totals(scope.tenantId())
                                .thenApply(
                                    totals ->
                                        new OfTenant(
                                            numbers,
                                            new StatsSnapshot.Activity(
                                                PeriodReports.periods(totals),
                                                PeriodReports.history(totals),
                                                census.numbers(),
                                                load.get())))));
  }

  private CompletionStage<JobNumbers> withOldest(JobNumbers.Builder numbers, StatsScope scope) {
    return oldest
        .since(scope.tenantId())
        .thenApply(
            since -> {
              since.ifPresent(time -> numbers.setOldestClaimableTime(Times.timestamp(time)));
              return numbers.build();
            });
  }

  /**
   * Counts jobs.
   *
   * @param census who is there for a type; null if that is not told
   */
  private CompletionStage<JobNumbers.Builder> numbers(
      StatsScope scope, @Nullable WorkerCensus census) {
    JobNumbers.Builder numbers = JobNumbers.newBuilder();
    JobFilter all =
        JobFilter.newBuilder().setTenantId(scope.tenantId()).setUserId(scope.userId()).build();
    JobFilter queued = all.toBuilder().addStates(JobState.JOB_STATE_QUEUED).build();
    return store
        .count(new CountQuery(all, Set.of(JobGroup.JOB_GROUP_STATE)))
        .thenCompose(
            counts -> {
              addStates(numbers, counts);
              return hasQueued(numbers)
                  ? store.count(new CountQuery(queued, Set.of(JobGroup.JOB_GROUP_TYPE)))
                  : CompletableFuture.completedStage(List.<JobCount>of());
            })
        .thenApply(
            counts -> {
              addTypes(numbers, counts, census);
              return numbers;
            });
  }

  private static void addStates(JobNumbers.Builder to, List<JobCount> counts) {
    counts.stream()
        .filter(count -> count.getCount() > 0)
        .sorted(Comparator.comparingInt(JobCount::getStateValue))
        .forEach(
            count ->
                to.addStateCounts(
                    JobStateCount.newBuilder()
                        .setState(count.getState())
                        .setCount(count.getCount())));
  }

  private static boolean hasQueued(JobNumbers.Builder numbers) {
    return numbers.getStateCountsList().stream()
        .anyMatch(count -> count.getState() == JobState.JOB_STATE_QUEUED);
  }

  private static void addTypes(
      JobNumbers.Builder to, List<JobCount> counts, @Nullable WorkerCensus census) {
    List<JobCount> types =
        counts.stream().filter(count -> count.getCount() > 0).sorted(LARGEST_FIRST).toList();
    types.stream()
        .limit(MAX_TYPES)
        .forEach(
            count -> {
              QueuedType.Builder type =
                  QueuedType.newBuilder().setType(count.getType()).setQueuedCount(count.getCount());
              if (census != null) {
                type.setWorkerCount(census.claiming(count.getType()));
              }
              to.addQueuedTypes(type);
            });
    to.setOmittedTypeCount(Math.max(0, types.size() - MAX_TYPES));
  }
}
