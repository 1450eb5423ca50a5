package dev.milepost.server.http;

import com.sun.net.httpserver.HttpServer;
import dev.milepost.server.concurrent.ThreadFactories;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Serves the operators' pages: {@code /metrics}, {@code /health}, {@code /health/live} and {@code
 * /health/ready}, over plain HTTP and without credentials. Thread-safe.
 */
public final class ManagementServer implements AutoCloseable {
  /** A slow client occupies a thread, so there are as many as connections. */
  private static final int MAX_CONNECTIONS = 64;

  /** Connections that the system accepts before this process does. */
  private static final int BACKLOG = 64;

  /** How long reading a request may take. It has no body, and fits into one packet. */
  private static final String REQUEST_SECONDS = "3";

  private static final String RESPONSE_SECONDS = "10";

  /** Ports that are tried if a free one is requested and another address has it in use. */
  private static final int MAX_FREE_PORTS = 10;

  /** One for each address. */
  private final List<HttpServer> servers;

  private final ThreadPoolExecutor threads;

  // Guarded by this.
  private boolean started;
  private boolean closed;

  /**
   * Binds the addresses. Connections wait until the pages are served.
   *
   * @param addresses at least one; they get the same port
   * @throws IOException if an address cannot be bound
   */
  public ManagementServer(List<InetSocketAddress> addresses) throws IOException {
    setUnlessSet("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    setUnlessSet("sun.net.httpserver.maxRspTime", RESPONSE_SECONDS);
    setUnlessSet("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    servers = bind(addresses);
    threads =
        new ThreadPoolExecutor(
            MAX_CONNECTIONS,
            MAX_CONNECTIONS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_CONNECTIONS),
            ThreadFactories.daemon("milepost-management"));
    threads.allowCoreThreadTimeOut(true);
    servers.forEach(server -> server.setExecutor(threads));
  }

  private static List<HttpServer> bind(List<InetSocketAddress> addresses) throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<HttpServer> bound = new ArrayList<>();
      try {
        for (InetSocketAddress address : addresses) {
          int port = bound.isEmpty() ? address.getPort() : bound.get(0).getAddress().getPort();
          bound.add(HttpServer.create(new InetSocketAddress(address.getAddress(), port), BACKLOG));
        }
        return List.copyOf(bound);
      } catch (IOException e) {
        bound.forEach(ManagementServer::release);
        boolean mayHelp = !bound.isEmpty() && addresses.get(0).getPort() == 0;
        if (!mayHelp || attempt == MAX_FREE_PORTS) {
          throw e;
        }
      }
    }
  }

  /** A server that was never started does not release its address when it is stopped. */
  private static void release(HttpServer neverStarted) {
    neverStarted.start();
    neverStarted.stop(0);
  }

  /** Sets a property of the JDK's server, which reads it once per process and has no API for it. */
  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Serves the pages. Call it once; does nothing after {@link #close}.
   *
   * @param metrics returns the text of the metrics page, on any thread
   * @param health returns what the health pages show, on any thread; must not block
   */
  public synchronized void serve(Supplier<String> metrics, Supplier<HealthReport> health) {
    if (!closed) {
      servers.forEach(server -> server.createContext("/", new ManagementPages(metrics, health)));
      start();
    }
  }

  private void start() {
    servers.forEach(HttpServer::start);
    started = true;
  }

  /** Returns the port that it listens on, which matters if port 0 was requested. */
  public int port() {
    return servers.get(0).getAddress().getPort();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (started) {
      servers.forEach(server -> server.stop(0));
    } else {
      servers.forEach(ManagementServer::release);
    }
    threads.shutdownNow();
  }
}
