package dev.milepost.server.metrics;

import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.ServiceObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Meters of what is done for callers. */
final class ServiceMeters implements ServiceObserver {
  private final Counter claimsGranted;
  private final Counter emptyClaims;
  private final Counter jobsClaimed;
  private final Timer reports;
  private final Map<String, Counter> refused;
  private final Map<String, Counter> slowed;

  ServiceMeters(MeterRegistry registry) {
    claimsGranted = claims(registry, "granted");
    emptyClaims = claims(registry, "empty");
    jobsClaimed =
        Counter.builder("milepost.claimed.jobs")
            .description("Jobs granted to claims")
            .register(registry);
    reports =
        Timer.builder("milepost.report.latency")
            .description("Time from reading a report to its durable acknowledgement")
            .serviceLevelObjectives(Buckets.TIMES)
            .register(registry);
    refused =
        byLimit(
            registry, "milepost.refused.calls", "Calls rejected by a limit", CallerLimits.NAMES);
    slowed =
        byLimit(
            registry,
            "milepost.slowed.messages",
            "Messages of streams that waited, since their sender exceeded a limit",
            CallerLimits.RATES);
  }

  private static Map<String, Counter> byLimit(
      MeterRegistry registry, String name, String description, List<String> limits) {
    return limits.stream()
        .collect(
            Collectors.toUnmodifiableMap(
                Function.identity(),
                limit ->
                    Counter.builder(name)
                        .description(description)
                        .tag("limit", limit)
                        .register(registry)));
  }

  private static Counter claims(MeterRegistry registry, String result) {
    return Counter.builder("milepost.claims")
        .description("Claims answered")
        .tag("result", result)
        .register(registry);
  }

  @Override
  public void claimed(int jobs) {
    if (jobs == 0) {
      emptyClaims.increment();
    } else {
      claimsGranted.increment();
      jobsClaimed.increment(jobs);
    }
  }

  @Override
  public void acknowledged(long nanos) {
    reports.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void refused(String limit) {
    count(refused, limit);
  }

  @Override
  public void slowed(String limit) {
    count(slowed, limit);
  }

  private static void count(Map<String, Counter> counters, String limit) {
    Counter counter = counters.get(limit);
    if (counter != null) {
      counter.increment();
    }
  }
}
