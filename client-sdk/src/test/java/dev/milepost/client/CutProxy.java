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
 * Stands between client and server and can cut their connections, refuse new ones, and hold back
 * answers.
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

  /** Connections accepted so far. */
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

  private void copy(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[16_384];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitRelease(answers);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // Cut.
    }
  }

  private synchronized void awaitRelease(boolean answers) {
    try {
      if (frozen && !answers) {
        heldRequests++;
      }
      while (frozen || (answers && holding)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Holds back whatever the server says; the connections look alive. */
  synchronized void hold() {
    holding = true;
  }

  /** Holds back whatever either side says; the connections look alive. */
  synchronized void freeze() {
    frozen = true;
  }

  /** How often something that the client said was held back so far. */
  synchronized int heldRequests() {
    return heldRequests;
  }

  /** Lets through what was held back. */
  synchronized void release() {
    holding = false;
    frozen = false;
    notifyAll();
  }

  /** Cuts all connections; new ones are welcome. */
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

  /** Welcomes new connections again. */
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
