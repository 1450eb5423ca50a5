package dev.milepost.server.http;

import java.io.Closeable;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.jspecify.annotations.Nullable;

/** A listening socket that closes connections beyond the limits as soon as they are accepted. */
final class BoundedConnector extends ServerConnector {
  private final Map<EndPoint, SocketAddress> admitted = new ConcurrentHashMap<>();

  /** Null before it is set: nothing is accepted yet. */
  private volatile @Nullable ConnectionGate gate;

  /** Uses a thread for all connections, and none that only accepts. */
  BoundedConnector(Server server) {
    super(server, 0, 1);
  }

  /** Sets what decides about connections. Call it before the start. */
  void admitBy(ConnectionGate all) {
    gate = all;
  }

  /** Releases the address. A connector that was never started does not when it is closed. */
  void unbind() {
    if (getTransport() instanceof Closeable socket) {
      IO.close(socket);
    }
  }

  @Override
  protected void onEndPointOpened(EndPoint connection) {
    super.onEndPointOpened(connection);
    SocketAddress peer = connection.getRemoteSocketAddress();
    ConnectionGate all = gate;
    if (all != null && all.admit(peer)) {
      admitted.put(connection, peer);
    } else {
      connection.close();
    }
  }

  @Override
  protected void onEndPointClosed(EndPoint connection) {
    SocketAddress peer = admitted.remove(connection);
    ConnectionGate all = gate;
    if (peer != null && all != null) {
      all.released(peer);
    }
    super.onEndPointClosed(connection);
  }
}
