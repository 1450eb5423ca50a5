package dev.milepost.server.transport;

import dev.milepost.server.app.LimitException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The open calls of methods that need no credential. One connection or address that has too many
 * gets no further one. If all together are too many, the oldest is ended instead: a health check of
 * the one who operates the server must get through while others hold calls open. Thread-safe.
 */
final class AnonymousCalls {
  private static final Duration SOON = Duration.ofSeconds(1);

  private final TransportLimits limits;
  private final AddressCounts byAddress;

  /** Oldest first. Guarded by itself. */
  private final Set<CallBytes> open = new LinkedHashSet<>();

  AnonymousCalls(TransportLimits limits) {
    this.limits = limits;
    this.byAddress = new AddressCounts(limits.anonymousCallsPerAddress());
  }

  /**
   * Opens a call.
   *
   * @throws LimitException if its connection or address has too many
   */
  void open(CallBytes call, CallTerms terms) {
    Connection connection = terms.connection();
    if (connection != null
        && connection.anonymousCalls().incrementAndGet() > limits.anonymousCallsPerConnection()) {
      connection.anonymousCalls().decrementAndGet();
      throw refusal(
          "anonymous-calls-per-connection",
          "connection",
          "Close one first, or open another connection.");
    }
    if (!byAddress.add(terms.address())) {
      if (connection != null) {
        connection.anonymousCalls().decrementAndGet();
      }
      throw refusal(
          "anonymous-calls-per-address", "address", "Close one first, or try again later.");
    }
    CallBytes oldest = null;
    synchronized (open) {
      open.add(call);
      if (open.size() > limits.anonymousCalls()) {
        Iterator<CallBytes> all = open.iterator();
        oldest = all.next();
        all.remove();
      }
    }
    if (oldest != null) {
      oldest.end(refusal("anonymous-calls", "server", "This is the oldest one. Call again."));
    }
  }

  void close(CallBytes call, CallTerms terms) {
    Connection connection = terms.connection();
    synchronized (open) {
      open.remove(call);
    }
    byAddress.remove(terms.address());
    if (connection != null) {
      connection.anonymousCalls().decrementAndGet();
    }
  }

  private static LimitException refusal(String limit, String subject, String advice) {
    return LimitException.raisable(
        limit, subject, "Too many calls without a credential are open", advice, SOON);
  }
}
