package dev.milepost.server.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** A webhook receiver on this machine. Responds with the chosen statuses, and 200 by default. */
final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Call> calls = new ArrayList<>();
  private final Deque<Integer> answers = new ArrayDeque<>();

  /** A received call. */
  record Call(String path, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return headers.get(name).get(0);
    }
  }

  Receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Sets the statuses of the next responses; a redirect leads to another path of this receiver. */
  synchronized Receiver answering(Integer... statuses) {
    answers.addAll(List.of(statuses));
    return this;
  }

  String url() {
    return "http://localhost:%d/hook?key=1".formatted(server.getAddress().getPort());
  }

  synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int status;
    synchronized (this) {
      calls.add(
          new Call(
              exchange.getRequestURI().toString(), Map.copyOf(exchange.getRequestHeaders()), body));
      status = answers.isEmpty() ? 200 : answers.remove();
    }
    if (status == 302) {
      exchange.getResponseHeaders().add("Location", "/elsewhere");
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
