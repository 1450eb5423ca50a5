package dev.milepost.server.transport;

import dev.milepost.server.concurrent.TimeSource;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open calls of a server, and the bytes in flight that they hold: what has arrived of requests
 * that are not answered yet, and responses that are not written yet. Thread-safe.
 */
public final class BytesInFlight extends ServerStreamTracer.Factory {
  private static final Logger LOG = LoggerFactory.getLogger(BytesInFlight.class);

  private final TransportLimits limits;
  private final ByteRates rates;
  private final TimeSource time;
  private final ByteAccount server;
  private final Reads reads;
  private final AnonymousCalls anonymousCalls;
  private final Set<CallBytes> open = ConcurrentHashMap.newKeySet();

  /** Users with at least one open call. */
  private final ConcurrentHashMap<String, UserBytes> users = new ConcurrentHashMap<>();

  /**
   * Creates the bytes in flight of a server that has no calls yet.
   *
   * @param rates counts the bytes of each call as they arrive
   */
  public BytesInFlight(TransportLimits limits, ByteRates rates, TimeSource time) {
    this.limits = limits;
    this.rates = rates;
    this.time = time;
    this.server = new ByteAccount(limits.bytes());
    this.reads = new Reads(server);
    this.anonymousCalls = new AnonymousCalls(limits);
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new CallBytes(this, limits, time);
  }

  /** Returns the factory for a server on the in-process transport. */
  public ServerStreamTracer.Factory ofThisProcess() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new LocalCallBytes(new CallBytes(BytesInFlight.this, limits, time));
      }
    };
  }

  /** Ends the calls whose requests do not arrive, or whose responses are not read. */
  public void sweep() {
    long now = time.nanoTime();
    for (CallBytes call : open) {
      try {
        call.endIfOverdue(now);
      } catch (RuntimeException | Error e) {
        LOG.error("An overdue call could not be ended.", e);
      }
    }
  }

  /** Returns how many bytes are in flight. */
  public long held() {
    return server.held();
  }

  ByteAccount server() {
    return server;
  }

  ByteRates rates() {
    return rates;
  }

  Reads reads() {
    return reads;
  }

  AnonymousCalls anonymousCalls() {
    return anonymousCalls;
  }

  void begin(CallBytes call) {
    open.add(call);
  }

  void end(CallBytes call) {
    open.remove(call);
  }

  UserBytes openUser(String user) {
    return users.compute(
        user,
        (name, known) -> {
          UserBytes found = known == null ? new UserBytes(limits.bytesPerUser()) : known;
          found.open();
          return found;
        });
  }

  void closeUser(String user) {
    users.computeIfPresent(user, (name, found) -> found.close() ? null : found);
  }
}
