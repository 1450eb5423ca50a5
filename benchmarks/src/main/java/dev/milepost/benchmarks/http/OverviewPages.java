package dev.milepost.benchmarks.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pages that show the overview, as far as the server sees them: streams of WatchStats over
 * HTTP/1.1, each on a connection of its own, of an operator. One thread reads all of them.
 */
final class OverviewPages implements AutoCloseable {
  private static final ByteBuffer REQUEST =
      ByteBuffer.wrap(
          String.join(
                  "\r\n",
                  "GET /v1/stats:watch HTTP/1.1",
                  "Host: localhost",
                  "Accept: text/event-stream",
                  "x-milepost-user: reader",
                  "x-milepost-roles: OPERATOR",
                  "",
                  "")
              .getBytes(StandardCharsets.US_ASCII));

  private final InetSocketAddress server;
  private final Selector selector;
  private final AtomicLong bytes = new AtomicLong();
  private final Thread reader;

  OverviewPages(URI server) throws IOException {
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.selector = Selector.open();
    this.reader = new Thread(this::read, "overview-pages");
    reader.setDaemon(true);
    reader.start();
  }

  /** Opens so many more. */
  void open(int pages) throws IOException {
    for (int i = 0; i < pages; i++) {
      SocketChannel page = SocketChannel.open(server);
      page.write(REQUEST.duplicate());
      page.configureBlocking(false);
      selector.wakeup();
      page.register(selector, SelectionKey.OP_READ);
    }
  }

  /** Returns how many bytes have been read. */
  long bytes() {
    return bytes.get();
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (selector.isOpen()) {
      try {
        selector.select(
            key -> {
              buffer.clear();
              try {
                int read = ((SocketChannel) key.channel()).read(buffer);
                if (read < 0) {
                  key.cancel();
                } else {
                  bytes.addAndGet(read);
                }
              } catch (IOException e) {
                key.cancel();
              }
            },
            100);
      } catch (IOException e) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
