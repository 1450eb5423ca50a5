package dev.milepost.server.http;

import com.sun.net.httpserver.HttpServer;
import dev.milepost.server.concurrent.ThreadFactories;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Serves the operators' pages {@code /metrics} and {@code /health}, over plain HTTP and without
 * credentials. Thread-safe.
 */
public final class ManagementServer implements AutoCloseable {
  /** A slow client occupies a thread, so there are as many as connections. */
  private static final int MAX_CONNECTIONS = 64;

  /** Connections that the system accepts before this process does. */
  private static final int BACKLOG = 64;

  /** How long reading a request may take. It has no body, and fits into one packet. */
  private static final String REQUEST_SECONDS = "3";

  private static final String RESPONSE_SECONDS = "10";

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  // Guarded by this.
  private boolean started;
  private boolean closed;

  /**
   * Binds the address. Connections wait until the pages are served.
   *
   * @throws IOException if the address cannot be bound
   */
  public ManagementServer(InetSocketAddress address) throws IOException {
    setUnlessSet("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    setUnlessSet("sun.net.httpserver.maxRspTime", RESPONSE_SECONDS);
    setUnlessSet("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    server = HttpServer.create(address, BACKLOG);
    threads =
        new ThreadPoolExecutor(
            MAX_CONNECTIONS,
            MAX_CONNECTIONS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_CONNECTIONS),
            ThreadFactories.daemon("milepost-management"));
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
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
   * @param serving returns whether the server accepts calls, for the health page; on any thread
   */
  public synchronized void serve(Supplier<String> metrics, BooleanSupplier serving) {
    if (!closed) {
      server.createContext("/", new ManagementPages(metrics, serving));
      start();
    }
  }

  private void start() {
    server.start();
    started = true;
  }

  /** Returns the port that it listens on, which matters if port 0 was requested. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!started) {
      start(); // A server that was never started does not release its address when it is stopped.
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
