package dev.milepost.benchmarks.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pages of the dashboard that are open on one list: each has the stream that a browser opens, on a
 * connection of its own. One thread reads them all.
 */
final class OpenPages implements AutoCloseable {
  private static final String BODY =
      "{\"filter\":{\"types\":[\"hot\"]},\"view\":\"JOB_VIEW_BASIC\"}";
  private static final String REQUEST =
      """
      POST /v1/jobs:watch HTTP/1.1\r
      Host: localhost\r
      Accept: text/event-stream\r
      Content-Type: application/json\r
      x-milepost-user: reader\r
      x-milepost-roles: OPERATOR\r
      Content-Length: %d\r
      \r
      %s\
      """
          .formatted(BODY.length(), BODY);

  private static final int BUFFER_BYTES = 256 * 1024;
  private static final long FIRST_BYTES_TIMEOUT_SECONDS = 30;

  private final InetSocketAddress server;
  private final Selector selector = Selector.open();
  private final ConcurrentLinkedQueue<SocketChannel> added = new ConcurrentLinkedQueue<>();
  private final List<SocketChannel> open = new ArrayList<>();
  private final Semaphore begun = new Semaphore(0);
  private final AtomicLong bytes = new AtomicLong();
  private final Thread reader = new Thread(this::read, "pages");

  /** Opens none yet. */
  OpenPages(URI url) throws IOException {
    server = new InetSocketAddress(url.getHost(), url.getPort());
    reader.setDaemon(true);
    reader.start();
  }

  /** Opens more pages, and waits for the first bytes of each. */
  void open(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(server);
      open.add(channel);
      channel.write(ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.US_ASCII)));
      channel.configureBlocking(false);
      added.add(channel);
      selector.wakeup();
      if (!begun.tryAcquire(FIRST_BYTES_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("a page got no response in time");
      }
    }
  }

  /** Returns the bytes that all pages have received. */
  long received() {
    return bytes.get();
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (selector.isOpen()) {
        selector.select();
        for (SocketChannel next = added.poll(); next != null; next = added.poll()) {
          next.register(selector, SelectionKey.OP_READ, new AtomicLong());
        }
        for (SelectionKey key : selector.selectedKeys()) {
          take(key, buffer.clear());
        }
        selector.selectedKeys().clear();
      }
    } catch (java.nio.channels.ClosedSelectorException e) {
      // Closed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(SelectionKey key, ByteBuffer buffer) throws IOException {
    int count = ((SocketChannel) key.channel()).read(buffer);
    if (count < 0) {
      key.cancel();
      return;
    }
    bytes.addAndGet(count);
    if (key.attachment() instanceof AtomicLong own && own.getAndAdd(count) == 0) {
      String status = StandardCharsets.US_ASCII.decode(buffer.flip().limit(12)).toString();
      if (!status.endsWith(" 200")) {
        throw new IOException("a page was refused: " + status);
      }
      begun.release();
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
    for (SocketChannel channel : open) {
      channel.close();
    }
  }
}
