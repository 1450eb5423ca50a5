package dev.milepost.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy between client and server that can cut their connections, refuse new ones, and delay
 * responses.
 */
final class CutProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile boolean refusing;
  private boolean holding;
  private boolean frozen;
  private int heldRequests;

  CutProxy(int serverPort) {
    this.serverPort = serverPort;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  String target() {
    return "localhost:" + listener.getLocalPort();
  }

  /** Returns the number of accepted connections. */
  int accepted() {
    return accepted.get();
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "cut-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
          continue;
        }
        accepted.incrementAndGet();
        Socket server = new Socket();
        sockets.add(client);
        sockets.add(server);
        try {
          server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
        } catch (IOException e) {
          client.close();
          continue;
        }
        daemon(() -> copy(client, server, false));
        daemon(() -> copy(server, client, true));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void copy(Socket from, Socket to, boolean responses) {
    byte[] buffer = new byte[16_384];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitRelease(responses);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // Cut.
    }
  }

  private synchronized void awaitRelease(boolean responses) {
    try {
      if (frozen && !responses) {
        heldRequests++;
      }
      while (frozen || (responses && holding)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Holds back everything from the server; the connections look alive. */
  synchronized void hold() {
    holding = true;
  }

  /** Holds back everything from both sides; the connections look alive. */
  synchronized void freeze() {
    frozen = true;
  }

  /** Returns how often data from the client was held back. */
  synchronized int heldRequests() {
    return heldRequests;
  }

  /** Forwards what was held back. */
  synchronized void release() {
    holding = false;
    frozen = false;
    notifyAll();
  }

  /** Cuts all connections; accepts new ones. */
  void cut() throws IOException {
    for (Socket socket : List.copyOf(sockets)) {
      socket.close();
      sockets.remove(socket);
    }
  }

  /** Cuts all connections and refuses new ones. */
  void down() throws IOException {
    refusing = true;
    cut();
  }

  /** Accepts new connections again. */
  void up() {
    refusing = false;
  }

  @Override
  public void close() throws IOException {
    release();
    listener.close();
    cut();
  }
}
