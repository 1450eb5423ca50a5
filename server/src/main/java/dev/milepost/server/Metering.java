package dev.milepost.server;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.metrics.Meters;
import dev.milepost.server.metrics.Readings;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.watch.WatchObserver;
import dev.milepost.server.webhook.WebhookObserver;
import io.grpc.ServerInterceptor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The meters; there are none if nobody can read them. */
final class Metering implements AutoCloseable {
  private final Optional<Meters> meters;

  /**
   * Creates the meters.
   *
   * @param isMeasured false: nothing is measured
   */
  Metering(boolean isMeasured) {
    this.meters = isMeasured ? Optional.of(new Meters()) : Optional.empty();
  }

  List<ServerInterceptor> calls() {
    return meters.map(open -> List.of(open.calls())).orElse(List.of());
  }

  ServiceObserver services() {
    return observer(Meters::services, ServiceObserver.NONE);
  }

  CommitObserver commits() {
    return observer(Meters::commits, CommitObserver.NONE);
  }

  WatchObserver watches() {
    return observer(Meters::watches, WatchObserver.NONE);
  }

  TickObserver ticks() {
    return observer(Meters::ticks, TickObserver.NONE);
  }

  WebhookObserver webhooks() {
    return observer(Meters::webhooks, WebhookObserver.NONE);
  }

  private <T> T observer(Function<Meters, T> measured, T none) {
    return meters.map(measured).orElse(none);
  }

  /**
   * Begins to measure. Returns at once.
   *
   * @param readings what the metrics page shows beside what is measured
   * @param ready runs on another thread when the page can be read; never if nothing is measured
   */
  void begin(Readings readings, Runnable ready) {
    meters.ifPresent(open -> open.begin(readings, ready));
  }

  /** Returns the metrics page; empty if nothing is measured. */
  String page() {
    return meters.map(Meters::page).orElse("");
  }

  @Override
  public void close() {
    meters.ifPresent(Meters::close);
  }
}
