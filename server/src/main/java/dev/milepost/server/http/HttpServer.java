package dev.milepost.server.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP/1.1 and HTTP/2: the {@link Site}. With TLS, its ports also accept plain HTTP, for
 * probes that read the operators' pages. Thread-safe.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Nothing blocks on them, but JSON takes time. */
  private static final int MAX_THREADS = 24;

  private static final int MIN_THREADS = 4;

  /** Connections that the system accepts before this process does. */
  private static final int BACKLOG = 128;

  /** Ports that are tried if a free one is requested and another address has it in use. */
  private static final int MAX_FREE_PORTS = 10;

  /** Smaller responses are not worth compressing. */
  private static final int MIN_COMPRESSED_BYTES = 1024;

  private final Server server;

  /** One for each address. */
  private final List<BoundedConnector> connectors;

  private final int port;

  /** Guarded by this. */
  private boolean closed;

  /**
   * Binds the addresses. Connections wait until something is served.
   *
   * @param addresses at least one; they get the same port
   * @throws IOException if an address cannot be bound
   */
  public HttpServer(List<InetSocketAddress> addresses) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("milepost-http");
    threads.setDaemon(true);
    server = new Server(threads);
    server.setErrorHandler(new ErrorPages());
    connectors = bind(addresses);
    port = connectors.get(0).getLocalPort();
  }

  private List<BoundedConnector> bind(List<InetSocketAddress> addresses) throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<BoundedConnector> bound = new ArrayList<>();
      try {
        for (InetSocketAddress address : addresses) {
          BoundedConnector connector = new BoundedConnector(server);
          connector.setHost(address.getAddress().getHostAddress());
          connector.setPort(bound.isEmpty() ? address.getPort() : bound.get(0).getLocalPort());
          connector.setAcceptQueueSize(BACKLOG);
          connector.open();
          bound.add(connector);
        }
        return List.copyOf(bound);
      } catch (IOException e) {
        bound.forEach(BoundedConnector::unbind);
        boolean mayHelp = !bound.isEmpty() && addresses.get(0).getPort() == 0;
        if (!mayHelp || attempt == MAX_FREE_PORTS) {
          throw e.getCause() instanceof IOException cause ? cause : e;
        }
      }
    }
  }

  /**
   * Begins to serve. Call it once; does nothing after {@link #close}.
   *
   * @param gate decides about connections
   * @param site what is served
   */
  public synchronized void serve(HttpOptions options, ConnectionGate gate, Site site) {
    if (closed) {
      return;
    }
    for (BoundedConnector connector : connectors) {
      connector.admitBy(gate);
      connector.setIdleTimeout(options.idle().toMillis());
      Protocols.set(connector, options);
      server.addConnector(connector);
    }
    server.setHandler(new SiteGuard(options, compressed(site)));
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("The HTTP server cannot be started.", e);
    }
    site.started(server.getBean(Scheduler.class));
  }

  /** Never compresses streams, whose types are not listed: each message must leave at once. */
  private static CompressionHandler compressed(Site site) {
    GzipCompression gzip = new GzipCompression();
    gzip.setMinCompressSize(MIN_COMPRESSED_BYTES);
    CompressionHandler handler = new CompressionHandler(site);
    handler.putCompression(gzip);
    handler.putConfiguration(
        PathSpec.from("/*"),
        CompressionConfig.builder()
            .compressIncludeMethod("GET")
            .compressIncludeMethod("POST")
            .compressIncludeMimeType("application/json")
            .compressIncludeMimeType("text/plain")
            .compressIncludeMimeType("text/html")
            .compressIncludeMimeType("text/css")
            .compressIncludeMimeType("text/javascript")
            .compressIncludeMimeType("image/svg+xml")
            .decompressExcludePath("/*")
            .build());
    return handler;
  }

  /** Returns the port that it listens on, which matters if port 0 was requested. */
  public int port() {
    return port;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("The HTTP server did not stop in order.", e);
    }
    connectors.forEach(BoundedConnector::unbind);
  }
}
