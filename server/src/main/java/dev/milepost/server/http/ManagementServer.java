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
 * The pages for those who run the server: {@code /metrics} and {@code /health}, over plain HTTP and
 * without a login. Thread-safe.
 */
public final class ManagementServer implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int MOST_WAITING = 64;

  /**
   * Seconds in which a request must be read, and an answer taken: else slow readers hold both
   * threads.
   */
  private static final String PATIENCE = "10";

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  // Guarded by this.
  private boolean started;
  private boolean closed;

  /**
   * Takes the address; who comes now waits until the pages are served.
   *
   * @throws IOException where the address cannot be bound
   */
  public ManagementServer(InetSocketAddress address) throws IOException {
    setUnlessSet("sun.net.httpserver.maxReqTime");
    setUnlessSet("sun.net.httpserver.maxRspTime");
    server = HttpServer.create(address, MOST_WAITING);
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            ThreadFactories.daemon("milepost-management"));
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
  }

  /** The JDK's server knows no other way to be told; it reads them once for the process. */
  private static void setUnlessSet(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, PATIENCE);
    }
  }

  /**
   * Serves the pages. To be called once; does nothing after the end.
   *
   * @param metrics gives the text of the metrics page, on any thread
   * @param serving whether the server takes calls, which the health page says; asked on any thread
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

  /** Port that it listens on; of use where 0 was asked for. */
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
      start(); // One that never ran does not let go of its address when it is stopped.
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
