package dev.milepost.server;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.http.ManagementServer;
import dev.milepost.server.metrics.Meters;
import dev.milepost.server.metrics.Readings;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.MetricsSettings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.watch.WatchObserver;
import dev.milepost.server.webhook.WebhookObserver;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The meters and their page; neither exists if the settings disable them. */
final class Metering implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Metering.class);

  private final Optional<Page> page;
  private final String whereabouts;

  private Metering(Optional<Page> page, String whereabouts) {
    this.page = page;
    this.whereabouts = whereabouts;
  }

  /**
   * Binds the address of the page and creates the meters.
   *
   * @throws SettingsException if an explicitly configured address cannot be bound
   */
  static Metering open(MetricsSettings settings) {
    if (settings.address().isEmpty()) {
      return new Metering(Optional.empty(), "off");
    }
    ListenAddress address = settings.address().get();
    try {
      ManagementServer server = new ManagementServer(address.resolveAll());
      return new Metering(
          Optional.of(new Page(server, new Meters())),
          "http://%s/metrics".formatted(new ListenAddress(address.host(), server.port())));
    } catch (IOException e) {
      String reason = "%s cannot be used (%s)".formatted(address, e.getMessage());
      if (settings.required()) {
        throw new SettingsException(
            "The metrics address %s. Choose another with --metrics-address, or off."
                .formatted(reason));
      }
      LOG.info("There is no metrics page: {}. Choose an address with --metrics-address.", reason);
      return new Metering(Optional.empty(), "none: " + reason);
    }
  }

  /** Describes for people where the page is, or why there is none. */
  String whereabouts() {
    return whereabouts;
  }

  List<ServerInterceptor> calls() {
    return page.map(open -> List.of(open.meters().calls())).orElse(List.of());
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
    return page.map(Page::meters).map(measured).orElse(none);
  }

  /**
   * Starts to serve the pages. Returns at once.
   *
   * @param readings what the metrics page shows beside what is measured
   * @param health what the health pages show
   */
  void serve(Readings readings, HealthReports health) {
    page.ifPresent(
        open ->
            open.meters()
                .begin(readings, () -> open.server().serve(open.meters()::page, health::report)));
  }

  @Override
  public void close() {
    page.ifPresent(
        open -> {
          open.server().close();
          open.meters().close();
        });
  }

  private record Page(ManagementServer server, Meters meters) {}
}
