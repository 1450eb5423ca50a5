package dev.milepost.server.http;

import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operators' pages, which need no credential: metrics and health. */
final class OperatorPages {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorPages.class);
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final Set<String> PATHS =
      Set.of("/metrics", "/health", "/health/live", "/health/ready");

  private final Supplier<String> metrics;
  private final Supplier<HealthReport> health;

  OperatorPages(Supplier<String> metrics, Supplier<HealthReport> health) {
    this.metrics = metrics;
    this.health = health;
  }

  /** Returns whether a path is one of the pages. */
  static boolean has(String path) {
    return PATHS.contains(path);
  }

  /** Handles a request for one of the pages. */
  void handle(Request request, Response response, Callback callback, String path) {
    if (!request.getMethod().equals("GET")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET");
      Texts.write(response, callback, 405, Texts.PLAIN, "Only GET is allowed.\n");
      return;
    }
    try {
      switch (path) {
        case "/metrics" -> Texts.write(response, callback, 200, PROMETHEUS, metrics.get());
        case "/health/live" -> {
          HealthReport report = health.get();
          Texts.write(response, callback, code(report.isLive()), Texts.JSON, report.live());
        }
        case "/health/ready" -> {
          HealthReport report = health.get();
          Texts.write(response, callback, code(report.isReady()), Texts.JSON, report.ready());
        }
        default -> {
          boolean serves = health.get().isServing();
          Texts.write(response, callback, code(serves), Texts.PLAIN, serves ? "ok" : "not serving");
        }
      }
    } catch (RuntimeException e) {
      LOG.error("Failed to write a page.", e);
      Texts.write(
          response,
          callback,
          500,
          Texts.PLAIN,
          "The page could not be written: see the server's log.\n");
    }
  }

  private static int code(boolean isGood) {
    return isGood ? 200 : 503;
  }
}
