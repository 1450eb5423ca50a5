package dev.milepost.server.metrics;

import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.upkeep.TickResult;
import dev.milepost.server.webhook.WebhookObserver;
import dev.milepost.server.webhook.WebhookOutcome;
import dev.milepost.storage.v1.ChildWorkKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Meters of upkeep. */
final class TickMeters implements TickObserver, WebhookObserver {
  /** Only read after construction. */
  private final Map<TickResult, Counter> ticks = new EnumMap<>(TickResult.class);

  private final Map<WebhookOutcome, Counter> tries = new EnumMap<>(WebhookOutcome.class);
  private final Map<ChildWorkKind, Counter> slices = new EnumMap<>(ChildWorkKind.class);
  private final Counter failures;

  TickMeters(MeterRegistry registry) {
    for (TickResult result : TickResult.values()) {
      ticks.put(
          result,
          Counter.builder("milepost.upkeep.ticks")
              .description("Ticks of jobs whose timer was due, by result")
              .tag("result", result.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    failures =
        Counter.builder("milepost.upkeep.failures")
            .description("Slices of upkeep that failed and are retried")
            .register(registry);
    for (ChildWorkKind kind : ChildWorkKind.values()) {
      if (kind != ChildWorkKind.CHILD_WORK_KIND_UNSPECIFIED && kind != ChildWorkKind.UNRECOGNIZED) {
        slices.put(
            kind,
            Counter.builder("milepost.upkeep.children.slices")
                .description("Slices of work on the child jobs of batches and tasks")
                .tag(
                    "work",
                    kind.name().substring("CHILD_WORK_KIND_".length()).toLowerCase(Locale.ROOT))
                .register(registry));
      }
    }
    for (WebhookOutcome outcome : WebhookOutcome.values()) {
      tries.put(
          outcome,
          Counter.builder("milepost.webhook.tries")
              .description("Tries to deliver a webhook, by result")
              .tag("result", outcome.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  @Override
  public void ticked(TickResult result) {
    Objects.requireNonNull(ticks.get(result)).increment();
  }

  @Override
  public void failed() {
    failures.increment();
  }

  @Override
  public void sliced(ChildWorkKind kind) {
    Objects.requireNonNull(slices.get(kind)).increment();
  }

  @Override
  public void attempted(WebhookOutcome outcome) {
    Objects.requireNonNull(tries.get(outcome)).increment();
  }
}
