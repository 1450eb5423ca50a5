package dev.milepost.server;

import dev.milepost.server.http.HttpServer;
import dev.milepost.server.settings.HttpSettings;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.SettingsException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port for HTTP; there is none if the settings disable it. */
final class HttpPort implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);

  private final Optional<HttpServer> server;
  private final String url;
  private final CompletableFuture<Void> served = new CompletableFuture<>();

  private HttpPort(Optional<HttpServer> server, String url) {
    this.server = server;
    this.url = url;
    if (server.isEmpty()) {
      served.complete(null);
    }
  }

  /**
   * Binds the address.
   *
   * @param isSecure whether it is served over TLS
   * @throws SettingsException if an explicitly configured address cannot be bound
   */
  static HttpPort open(HttpSettings settings, boolean isSecure) {
    if (settings.listen().isEmpty()) {
      return new HttpPort(Optional.empty(), "off");
    }
    ListenAddress address = settings.listen().get();
    try {
      HttpServer server = new HttpServer(address.resolveAll());
      return new HttpPort(
          Optional.of(server),
          "%s://%s%s"
              .formatted(
                  isSecure ? "https" : "http",
                  new ListenAddress(address.host(), server.port()),
                  settings.basePath()));
    } catch (IOException e) {
      String reason = "%s cannot be used (%s)".formatted(address, e.getMessage());
      if (settings.required()) {
        throw new SettingsException(
            "The address for HTTP %s. Choose another with --http-listen, or off."
                .formatted(reason));
      }
      LOG.info("HTTP is not served: {}. Choose an address with --http-listen.", reason);
      return new HttpPort(Optional.empty(), "none: " + reason);
    }
  }

  /** Returns whether HTTP is served. */
  boolean isOpen() {
    return server.isPresent();
  }

  /** Returns the URL of the port, or describes for people why there is none. */
  String url() {
    return url;
  }

  /**
   * Begins to serve, in the background of the start: connections wait meanwhile. A failure is that
   * of {@link #served}.
   *
   * @param start passes what is served to {@link HttpServer#serve}
   */
  void serve(Consumer<HttpServer> start) {
    try {
      server.ifPresent(start);
      served.complete(null);
    } catch (RuntimeException | Error e) {
      served.completeExceptionally(e);
    }
  }

  /** Completes when HTTP is served, at once if it is not to be; fails if it cannot be. */
  CompletionStage<Void> served() {
    return served;
  }

  @Override
  public void close() {
    server.ifPresent(HttpServer::close);
  }
}
