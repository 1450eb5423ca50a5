package dev.milepost.server.statistics;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RecordChanges;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.storage.v1.StatisticsRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts of what has become of jobs, of all servers of a store and of their earlier runs. Each run
 * of a server keeps its own counts as records of the store; a sum is that of all of them.
 * Thread-safe.
 */
public final class JobStatistics {
  private static final Logger LOG = LoggerFactory.getLogger(JobStatistics.class);

  /** A little longer than the longest window. */
  private static final Duration TTL = Duration.ofHours(25);

  private final JobStore store;
  private final JobCounters counters;
  private final InstantSource clock;
  private final String run;
  private final RecordChanges<Set<String>> changes;

  /**
   * Statistics of a server.
   *
   * @param run identifies this run of this server; no space
   */
  public JobStatistics(JobStore store, JobCounters counters, InstantSource clock, String run) {
    this.store = store;
    this.counters = counters;
    this.clock = clock;
    this.run = run;
    this.changes =
        new RecordChanges<>("statistics", counters::takeChanged, this::store, counters::putBack);
  }

  /**
   * Writes what has changed, unless the last write is not finished. Does not wait.
   *
   * @return completes with whether everything that there was to write is written; does not fail
   */
  public CompletionStage<Boolean> write() {
    return changes.write();
  }

  private CompletionStage<Boolean> store(Set<String> changed) {
    if (changed.isEmpty()) {
      return CompletableFuture.completedStage(true);
    }
    TreeMap<String, ByteString> values = new TreeMap<>();
    changed.forEach(
        tenant -> values.put(tenant + ' ' + run, counters.stored(tenant).toByteString()));
    return store.records().write(RecordWrite.of(RecordKind.STATISTICS, values, TTL));
  }

  /**
   * What has happened in a tenant, or in all.
   *
   * @param sums sums by window
   * @param durations of the longest window
   * @param history of the longest window, by the beginning of each period
   */
  public record Totals(
      Map<Window, JobTally> sums, Durations durations, SortedMap<Instant, Period> history) {}

  /**
   * What has happened in a period.
   *
   * @param tally numbers of jobs
   * @param durations how long they took
   */
  public record Period(JobTally tally, Durations durations) {}

  /** Returns what has happened in a tenant; in all tenants if it is empty. */
  public CompletionStage<Totals> totals(String tenantId) {
    return read(tenantId + ' ')
        .thenApply(
            byTenant -> {
              PeriodTallies tallies =
                  byTenant.computeIfAbsent(tenantId, unused -> new PeriodTallies());
              tallies.add(counters.stored(tenantId));
              Instant now = clock.instant();
              return new Totals(sums(tallies), tallies.durations(now), tallies.history(now));
            });
  }

  /**
   * What has happened in a tenant.
   *
   * @param tenantId the tenant
   * @param sums sums by window
   */
  public record TenantSums(String tenantId, Map<Window, JobTally> sums) {}

  /**
   * Returns the tenants in which most has happened in the last 24 hours, those first.
   *
   * @param limit maximum number of tenants
   */
  public CompletionStage<List<TenantSums>> busiestTenants(int limit) {
    return read("")
        .thenApply(
            byTenant -> {
              byTenant.remove(JobCounters.ALL);
              for (String tenant : counters.tenants()) {
                byTenant
                    .computeIfAbsent(tenant, unused -> new PeriodTallies())
                    .add(counters.stored(tenant));
              }
              return byTenant.entrySet().stream()
                  .map(tenant -> new TenantSums(tenant.getKey(), sums(tenant.getValue())))
                  .sorted(
                      Comparator.comparingLong(JobStatistics::events)
                          .reversed()
                          .thenComparing(TenantSums::tenantId))
                  .limit(limit)
                  .toList();
            });
  }

  private static long events(TenantSums tenant) {
    return tenant.sums().getOrDefault(Window.DAY, JobTally.NONE).events();
  }

  private Map<Window, JobTally> sums(PeriodTallies tallies) {
    Instant now = clock.instant();
    Map<Window, JobTally> sums = new TreeMap<>();
    for (Window window : Window.values()) {
      sums.put(window, tallies.sum(window, now));
    }
    return sums;
  }

  /** Adds up the records of other runs by tenant. */
  private CompletionStage<Map<String, PeriodTallies>> read(String prefix) {
    return store
        .records()
        .list(RecordKind.STATISTICS, prefix)
        .thenApply(
            records -> {
              Map<String, PeriodTallies> byTenant = new HashMap<>();
              for (ServerRecord record : records) {
                int blank = record.key().indexOf(' ');
                if (blank >= 0 && !record.key().substring(blank + 1).equals(run)) {
                  byTenant
                      .computeIfAbsent(
                          record.key().substring(0, blank), unused -> new PeriodTallies())
                      .add(parsed(record));
                }
              }
              return byTenant;
            });
  }

  private static StatisticsRecord parsed(ServerRecord record) {
    try {
      return StatisticsRecord.parseFrom(record.value());
    } catch (InvalidProtocolBufferException e) {
      LOG.debug("A record of statistics cannot be read.", e);
      return StatisticsRecord.getDefaultInstance();
    }
  }
}
