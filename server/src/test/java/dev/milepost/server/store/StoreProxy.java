package dev.milepost.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** Stands between a store and its engine, and can make the engine seem to be away. */
public final class StoreProxy implements AutoCloseable {
  private final int target;
  private final int port;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket listener;

  /** Whether bytes to the engine, and from it, disappear. */
  private volatile boolean swallowsRequests;

  private volatile boolean swallowsResponses;

  /** A response of Redis to TIME: seconds and microseconds. */
  private static final Pattern TIME =
      Pattern.compile("(?<=\\*2\\r\\n\\$10\\r\\n)\\d{10}(?=\\r\\n\\$[1-6]\\r\\n\\d{1,6}\\r\\n)");

  /** By how much the clock of Redis seems to be set, in seconds. */
  private volatile long redisClock;

  /** Open while bytes are passed on. */
  private volatile CountDownLatch passing = new CountDownLatch(0);

  /** A proxy of the engine that listens on a port of this machine. */
  public StoreProxy(int target) {
    this.target = target;
    this.listener = listen(0);
    this.port = listener.getLocalPort();
    threads.execute(this::accept);
  }

  /** The port that the engine seems to have. */
  public int port() {
    return port;
  }

  private static ServerSocket listen(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    ServerSocket on = listener;
    while (!on.isClosed()) {
      try {
        Socket near = on.accept();
        sockets.add(near);
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(far);
        if (on.isClosed()) {
          cut();
        }
        threads.execute(() -> pass(near, far, () -> swallowsRequests));
        threads.execute(() -> pass(far, near, () -> swallowsResponses));
      } catch (IOException e) {
        // The port is closed, or the engine is.
      }
    }
  }

  private void pass(Socket from, Socket to, BooleanSupplier swallows) {
    byte[] bytes = new byte[65_536];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        passing.await();
        if (!swallows.getAsBoolean()) {
          out.write(redisClock == 0 ? Arrays.copyOf(bytes, read) : timed(bytes, read));
        }
      }
    } catch (IOException | InterruptedException e) {
      // The connection ends, as below.
    } finally {
      close(from);
      close(to);
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes all connections; new ones are accepted. */
  public void cut() {
    sockets.forEach(this::close);
  }

  /** Closes the port and all connections: further ones are refused. */
  public void refuse() throws IOException {
    listener.close();
    cut();
  }

  /** Accepts connections, and passes on nothing. */
  public void hang() {
    passing = new CountDownLatch(1);
  }

  /** Becomes a black hole: accepts connections and bytes, and drops the bytes. */
  public void swallow(boolean requests, boolean responses) {
    swallowsRequests = requests;
    swallowsResponses = responses;
  }

  /** Sets the clock that Redis seems to have: changes each response to TIME. */
  public void setRedisClock(Duration by) {
    redisClock = by.toSeconds();
  }

  private byte[] timed(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    return TIME.matcher(text)
        .replaceAll(time -> String.valueOf(Long.parseLong(time.group()) + redisClock))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Ends an outage. What a black hole has swallowed stays lost. */
  public void restore() {
    swallow(false, false);
    passing.countDown();
    if (listener.isClosed()) {
      listener = listen(port);
      threads.execute(this::accept);
    }
  }

  @Override
  public void close() throws IOException {
    refuse();
    passing.countDown();
    threads.shutdownNow();
  }
}
