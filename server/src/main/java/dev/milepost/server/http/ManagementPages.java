package dev.milepost.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the pages, and responds to requests for other paths. */
final class ManagementPages implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementPages.class);
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String NOT_FOUND =
      "Not found. The pages are /metrics, /health, /health/live and /health/ready.\n";

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<String> metrics;
  private final Supplier<HealthReport> health;

  ManagementPages(Supplier<String> metrics, Supplier<HealthReport> health) {
    this.metrics = metrics;
    this.health = health;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> get(exchange, PROMETHEUS, 200, metrics);
        case "/health" -> health(exchange);
        case "/health/live" -> live(exchange);
        case "/health/ready" -> ready(exchange);
        default -> answer(exchange, 404, PLAIN, NOT_FOUND);
      }
    }
  }

  private void health(HttpExchange exchange) throws IOException {
    if (health.get().isServing()) {
      get(exchange, PLAIN, 200, () -> "ok");
    } else {
      get(exchange, PLAIN, 503, () -> "not serving");
    }
  }

  private void live(HttpExchange exchange) throws IOException {
    HealthReport report = health.get();
    get(exchange, JSON, report.isLive() ? 200 : 503, report::live);
  }

  private void ready(HttpExchange exchange) throws IOException {
    HealthReport report = health.get();
    get(exchange, JSON, report.isReady() ? 200 : 503, report::ready);
  }

  private static void get(HttpExchange exchange, String type, int status, Supplier<String> page)
      throws IOException {
    if (!exchange.getRequestMethod().equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET");
      answer(exchange, 405, PLAIN, "Only GET is allowed.\n");
      return;
    }
    String text;
    try {
      text = page.get();
    } catch (RuntimeException e) {
      LOG.error("Failed to write a page.", e);
      answer(exchange, 500, PLAIN, "The page could not be written: see the server's log.\n");
      return;
    }
    answer(exchange, status, type, text);
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
