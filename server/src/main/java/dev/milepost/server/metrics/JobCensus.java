package dev.milepost.server.metrics;

import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs by state, as the store last counted them. Reading the page never waits for the store; an
 * unknown count is NaN.
 */
final class JobCensus {
  private static final Logger LOG = LoggerFactory.getLogger(JobCensus.class);
  private static final String PREFIX = "JOB_STATE_";
  private static final CountQuery BY_STATE =
      new CountQuery(JobFilter.getDefaultInstance(), Set.of(JobGroup.JOB_GROUP_STATE));

  private final JobStore store;

  /** Null until it is known. */
  private final AtomicReference<@Nullable Map<JobState, Long>> counted = new AtomicReference<>();

  JobCensus(JobStore store, MeterRegistry registry) {
    this.store = store;
    for (JobState state : JobState.values()) {
      if (state != JobState.JOB_STATE_UNSPECIFIED && state != JobState.UNRECOGNIZED) {
        Gauge.builder("milepost.jobs", () -> count(state))
            .description("Jobs kept, as counted in the last ten seconds")
            .tag("state", state.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT))
            .register(registry);
      }
    }
  }

  /** Requests new counts. Does not wait for them. */
  void take() {
    store
        .count(BY_STATE)
        .whenComplete(
            (counts, failure) -> {
              if (failure != null) {
                LOG.debug("Jobs could not be counted.", failure);
                counted.set(null);
              } else {
                counted.set(byState(counts));
              }
            });
  }

  private double count(JobState state) {
    Map<JobState, Long> known = counted.get();
    return known == null ? Double.NaN : known.getOrDefault(state, 0L);
  }

  private static Map<JobState, Long> byState(List<JobCount> counts) {
    Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
    counts.forEach(count -> jobs.merge(count.getState(), count.getCount(), Long::sum));
    return jobs;
  }
}
