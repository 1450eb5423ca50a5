package dev.milepost.server.metrics;

import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.ServiceObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
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
        CallerLimits.NAMES.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Function.identity(),
                    limit ->
                        Counter.builder("milepost.refused.calls")
                            .description("Calls rejected by a limit")
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
    Counter counter = refused.get(limit);
    if (counter != null) {
      counter.increment();
    }
  }
}
