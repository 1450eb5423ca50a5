package dev.milepost.server.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for the pages that there are, and for those that there are not. */
final class ManagementPages implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementPages.class);
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<String> metrics;

  ManagementPages(Supplier<String> metrics) {
    this.metrics = metrics;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> get(exchange, PROMETHEUS, metrics);
        case "/health" -> get(exchange, PLAIN, () -> "ok");
        default -> answer(exchange, 404, PLAIN, "There are /metrics and /health.\n");
      }
    }
  }

  private static void get(HttpExchange exchange, String type, Supplier<String> page)
      throws IOException {
    if (!exchange.getRequestMethod().equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET");
      answer(exchange, 405, PLAIN, "Only GET is answered here.\n");
      return;
    }
    String text;
    try {
      text = page.get();
    } catch (RuntimeException e) {
      LOG.error("A page could not be written.", e);
      answer(exchange, 500, PLAIN, "The page could not be written: see the server's log.\n");
      return;
    }
    answer(exchange, 200, type, text);
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
