package dev.milepost.server.transport;

import dev.milepost.server.app.LimitException;
import dev.milepost.server.concurrent.TimeSource;
import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes in flight of one call. They count against its user, its connection and the server; the
 * call is ended when it exceeds a limit of one of them, or when its client takes too long to send a
 * request or to read a response. Thread-safe.
 *
 * <p>What is received counts from the first byte, before the message is complete. A unary request
 * counts until its call ends, a message of a stream until the next one is complete. A response
 * counts until it is written to the connection.
 */
public final class CallBytes extends ServerStreamTracer {
  private static final Context.Key<CallBytes> KEY = Context.key("milepost-call-bytes");
  private static final Duration SOON = Duration.ofSeconds(1);

  /** What to do about a limit of one's own calls, and about one that others exceed. */
  private static final String OWN = "Read the responses, or make fewer calls at a time.";

  private static final String LATER = "Try again after the delay of this error.";

  /**
   * What each piece of an incomplete message counts in addition: however small it is, it keeps the
   * buffer that it arrived in.
   */
  private static final int PIECE_BYTES = 4 * 1024;

  private static final int MAX_ANONYMOUS_PIECES = 8;

  private final BytesInFlight all;
  private final TransportLimits limits;
  private final TimeSource time;
  private final CallRead read;

  // Guarded by this.
  private Context.@Nullable CancellableContext context;
  private @Nullable CallTerms terms;
  private @Nullable UserBytes userBytes;
  private ByteRates.@Nullable Payer payer;
  private String subject = "anonymous";

  /** Whether the call keeps work alive, so that a limit of its user does not end it. */
  private boolean isVital;

  private boolean over;

  /** What counts now, of all that follows. */
  private long held;

  // The message that is arriving, or the last one.
  private boolean isArriving;
  private int pieces;
  private long arrived;
  private long uncompressed;

  /** What the last complete message counts. */
  private long message;

  /** What counts of responses that the transport has not written. */
  private long unread;

  private boolean requestComplete;
  private boolean responded;

  /** Since when the client has kept the server waiting. */
  private long waitingSince;

  CallBytes(BytesInFlight all, TransportLimits limits, TimeSource time) {
    this.all = all;
    this.limits = limits;
    this.time = time;
    this.read = new CallRead(all, this);
  }

  /** Returns the bytes of the current call; null outside of a call that a network carries. */
  public static @Nullable CallBytes current() {
    return KEY.get();
  }

  @Override
  public Context filterContext(Context parent) {
    Context.CancellableContext own = parent.withValue(KEY, this).withCancellation();
    synchronized (this) {
      context = own;
    }
    return own;
  }

  /**
   * Opens the call.
   *
   * @throws LimitException if its connection has too many, or there are too many of its kind
   */
  public void open(CallTerms opening) {
    Connection connection = opening.connection();
    if (connection != null && connection.calls().incrementAndGet() > limits.callsPerConnection()) {
      connection.calls().decrementAndGet();
      throw LimitException.raisable(
          "calls-per-connection",
          "connection",
          "The connection has " + limits.callsPerConnection() + " concurrent calls, the maximum",
          "Wait for one to end, or open another connection.",
          SOON);
    }
    synchronized (this) {
      terms = opening;
      waitingSince = time.nanoTime();
    }
    if (opening.isAnonymous()) {
      try {
        all.anonymousCalls().open(this, opening);
      } catch (LimitException e) {
        synchronized (this) {
          terms = null;
        }
        if (connection != null) {
          connection.calls().decrementAndGet();
        }
        throw e;
      }
    }
    all.begin(this);
  }

  /**
   * Names the caller, once it is known.
   *
   * @param caller whose bytes they are
   * @param vital whether the call keeps work alive: rejecting it would cause more work, not less
   * @throws LimitException if too many bytes are in flight already, or the caller has sent too much
   */
  public void identify(ByteRates.Payer caller, boolean vital) {
    LimitException excess;
    synchronized (this) {
      if (over || terms == null) {
        return;
      }
      payer = caller;
      userBytes = all.openUser(caller.key());
      userBytes.account().add(held);
      read.identify(userBytes, caller.key());
      subject = "user:" + caller.user();
      isVital = vital;
      excess = vital ? null : excess(0);
      if (excess == null && !vital && !terms.mayBeSilent()) {
        ByteRates.Excess rate = all.rates().excess(caller);
        excess = rate == null ? null : rate.refusal();
      }
    }
    if (excess != null) {
      throw excess;
    }
  }

  /** Returns the rate that the caller exceeds now; null if there is none. */
  ByteRates.@Nullable Excess excessRate() {
    ByteRates.Payer known;
    synchronized (this) {
      known = over ? null : payer;
    }
    return known == null ? null : all.rates().excess(known);
  }

  /** Counts bytes for the rates of the caller, if it is known. */
  public void charge(long bytes) {
    ByteRates.Payer known;
    synchronized (this) {
      known = payer;
    }
    if (known != null) {
      all.rates().charge(known, bytes);
    }
  }

  /** Returns why the call may not hold as many bytes more; null if it may. */
  private @Nullable LimitException excess(long more) {
    if (userBytes != null && !isVital && userBytes.account().isExceededBy(more)) {
      return excess("bytes-in-flight-per-user", subject, OWN);
    }
    CallTerms known = terms;
    if (known != null
        && known.connection() != null
        && known.connection().bytes().isExceededBy(more)) {
      return excess("bytes-in-flight-per-connection", "connection", OWN);
    }
    return all.server().isExceededBy(more) ? excess("bytes-in-flight", "server", LATER) : null;
  }

  private static LimitException excess(String limit, String subject, String advice) {
    return LimitException.raisable(
        limit,
        subject,
        "Too many bytes of requests and unread responses are in flight",
        advice,
        SOON);
  }

  private void count(long bytes) {
    held += bytes;
    all.server().add(bytes);
    if (userBytes != null) {
      userBytes.account().add(bytes);
    }
    if (terms != null && terms.connection() != null) {
      terms.connection().bytes().add(bytes);
    }
  }

  // ---- What the transport has received ---------------------------------------------------------

  @Override
  public synchronized void inboundMessage(int number) {
    isArriving = true;
    arrived = 0;
    uncompressed = 0;
    pieces = 0;
    waitingSince = time.nanoTime();
  }

  @Override
  public void inboundWireSize(long bytes) {
    LimitException excess;
    synchronized (this) {
      if (over) {
        return;
      }
      arrived += bytes;
      pieces++;
      count(bytes + PIECE_BYTES);
      excess = excessOfMessage(arrived);
    }
    endNow(excess);
  }

  @Override
  public void inboundMessageRead(int number, long wire, long unknown) {
    long bytes;
    synchronized (this) {
      isArriving = false;
      if (over) {
        return;
      }
      count(-message - (long) pieces * PIECE_BYTES);
      message = arrived;
      bytes = arrived;
    }
    charge(bytes);
  }

  @Override
  public void inboundUncompressedSize(long bytes) {
    LimitException excess;
    long more;
    synchronized (this) {
      if (over) {
        return;
      }
      uncompressed += bytes;
      more = Math.max(0, uncompressed - message);
      count(more);
      message += more;
      excess = excessOfMessage(uncompressed);
    }
    charge(more);
    endNow(excess);
  }

  private @Nullable LimitException excessOfMessage(long size) {
    if (terms != null
        && terms.isAnonymous()
        && (size > TransportLimits.MAX_ANONYMOUS_BYTES || pieces > MAX_ANONYMOUS_PIECES)) {
      return new LimitException(
          "message-size",
          subject,
          "A request without a credential may have at most %d bytes, whatever"
                  .formatted(TransportLimits.MAX_ANONYMOUS_BYTES)
              + " milepost.limits.message-size allows others. Send a smaller one.",
          SOON);
    }
    return excess(0);
  }

  /** Counts more of what the call has received than its last message. Negative: takes it back. */
  public synchronized void hold(long bytes) {
    if (!over) {
      count(bytes);
    }
  }

  /** The client has sent everything. */
  public synchronized void requestComplete() {
    requestComplete = true;
  }

  // ---- What it reads from the store ------------------------------------------------------------

  /**
   * Begins a read when there is room for its response: at once, or later. Does nothing if the
   * client has left.
   *
   * @param now begins it, on this thread
   * @param later begins it from any thread; not called if the call has ended by then
   * @throws LimitException if unread responses leave no room for it
   */
  public void read(Runnable now, Runnable later) {
    read.begin(now, later);
  }

  /** Throws the reason if the call may not hold as many bytes more. */
  void requireRoom(long bytes) {
    LimitException excess;
    synchronized (this) {
      excess = excess(bytes);
    }
    if (excess != null) {
      throw excess;
    }
  }

  /**
   * The service has read: its response counts by itself from now on, or there is none. Until then
   * the store works for the call, even if the client has left.
   */
  public void readEnded() {
    read.ended();
  }

  // ---- What it is to write ---------------------------------------------------------------------

  /**
   * Counts a response.
   *
   * @return whether to send it: not if the client has left. The transport would encode it, and keep
   *     it until it finds out, though it counts for nobody
   * @throws LimitException if it may not be sent, since too many bytes are in flight
   */
  public synchronized boolean send(long bytes) {
    if (over) {
      return false;
    }
    LimitException excess = excess(bytes);
    if (excess != null) {
      throw excess;
    }
    if (unread == 0) {
      waitingSince = time.nanoTime();
    }
    unread += bytes;
    count(bytes);
    return true;
  }

  /** The transport has written most responses of the stream. */
  public synchronized void written() {
    if (!over && !responded) {
      count(-unread);
      unread = 0;
    }
  }

  /** The call has its last response. */
  public synchronized void responded() {
    responded = true;
    waitingSince = time.nanoTime();
  }

  // ---- Its end ---------------------------------------------------------------------------------

  /** Ends the call if its client takes too long. */
  void endIfOverdue(long now) {
    LimitException late = null;
    Context.CancellableContext unreadCall = null;
    synchronized (this) {
      long waited = now - waitingSince;
      if (over || terms == null) {
        return;
      }
      if (responded || unread > 0) {
        unreadCall = waited > limits.responseTimeout().toNanos() ? context : null;
      } else if (owesRequest() && waited > limits.requestTimeout().toNanos()) {
        late =
            LimitException.raisable(
                "request-timeout",
                subject,
                "The request did not arrive within " + limits.requestTimeout().toSeconds() + " s",
                "Send each request at once.",
                SOON);
      }
    }
    if (unreadCall != null) {
      // Resets the stream, and so drops what it has buffered. gRPC does that at a deadline only.
      unreadCall.cancel(new TimeoutException("The response was not read in time."));
    }
    if (late != null) {
      end(late);
    }
  }

  private boolean owesRequest() {
    return isArriving || (!requestComplete && terms != null && !terms.mayBeSilent());
  }

  /** Ends the call. */
  void end(LimitException reason) {
    CallTerms known = openTerms();
    if (known != null) {
      known.end().soon(reason);
    }
  }

  /** Ends the call if there is a reason to, before its service sees what has just arrived. */
  private void endNow(@Nullable LimitException reason) {
    CallTerms known = openTerms();
    if (reason != null && known != null) {
      known.end().now(reason);
    }
  }

  private synchronized @Nullable CallTerms openTerms() {
    return over ? null : terms;
  }

  @Override
  public void streamClosed(Status status) {
    CallTerms known;
    ByteRates.Payer owner;
    long incomplete;
    synchronized (this) {
      if (over) {
        return;
      }
      count(-held);
      over = true;
      known = terms;
      owner = payer;
      incomplete = isArriving ? arrived : 0;
      context = null;
    }
    // First, since a read that begins now keeps what the user holds.
    read.callEnded();
    if (owner != null) {
      all.closeUser(owner.key());
      all.rates().charge(owner, incomplete);
    }
    if (known != null) {
      all.end(this);
      if (known.isAnonymous()) {
        all.anonymousCalls().close(this, known);
      }
      if (known.connection() != null) {
        known.connection().calls().decrementAndGet();
      }
    }
  }
}
