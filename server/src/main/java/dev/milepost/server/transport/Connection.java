package dev.milepost.server.transport;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the calls of one connection share. Thread-safe. */
public final class Connection {
  static final Attributes.Key<Connection> KEY = Attributes.Key.create("milepost-connection");

  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger anonymousCalls = new AtomicInteger();
  private final ByteAccount bytes;

  Connection(TransportLimits limits) {
    this.bytes = new ByteAccount(limits.bytesPerConnection());
  }

  /** Returns the connection of a call; null on a transport without connections. */
  public static @Nullable Connection of(ServerCall<?, ?> call) {
    return call.getAttributes().get(KEY);
  }

  AtomicInteger calls() {
    return calls;
  }

  AtomicInteger anonymousCalls() {
    return anonymousCalls;
  }

  ByteAccount bytes() {
    return bytes;
  }
}
