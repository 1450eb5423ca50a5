package dev.milepost.testing;

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

/**
 * The network between clients and a server: passes bytes on, until it is told to cut or to hold
 * them. Thread-safe.
 */
final class FaultProxy implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int BACKLOG = 50;
  private static final int BUFFER_BYTES = 16_384;

  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private boolean holding;
  private boolean refusing;

  FaultProxy(int serverPort) {
    this.serverPort = serverPort;
    try {
      this.listener = new ServerSocket(0, BACKLOG, LOOPBACK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "milepost-test-network");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        connect(listener.accept());
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server = new Socket();
    synchronized (this) {
      if (refusing) {
        client.close();
        return;
      }
      sockets.add(client);
      sockets.add(server);
    }
    try {
      server.connect(new InetSocketAddress(LOOPBACK, serverPort));
    } catch (IOException e) {
      client.close();
      return;
    }
    daemon(() -> copy(client, server));
    daemon(() -> copy(server, client));
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitRelease();
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // Cut.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private synchronized void awaitRelease() throws InterruptedException {
    while (holding) {
      wait();
    }
  }

  /** Holds back everything from both sides; the connections look alive. */
  synchronized void hold() {
    holding = true;
  }

  /** Passes on what was held back. */
  synchronized void release() {
    holding = false;
    notifyAll();
  }

  /** Cuts all connections; accepts new ones. */
  void cut() {
    for (Socket socket : List.copyOf(sockets)) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is closed.
      }
      sockets.remove(socket);
    }
  }

  /** Cuts all connections and refuses new ones. */
  void refuse() {
    synchronized (this) {
      refusing = true;
    }
    cut();
  }

  /** Accepts new connections again. */
  synchronized void allow() {
    refusing = false;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      // It is closed.
    }
    release();
    cut();
  }
}
