package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessException;
import dev.milepost.server.app.LimitException;
import dev.milepost.server.concurrent.RepeatLimit;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.transport.EventLoops;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Answers calls whose credential was refused. An address with many of them in a minute is answered
 * late from then on, so that guessing is slow. A valid credential from the same address, such as
 * that of a proxy, is neither refused nor delayed. Thread-safe.
 */
public final class FailedCredentials implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MAX_ADDRESSES = 10_000;
  private static final Duration SOON = Duration.ofSeconds(1);

  /** Answers that wait. Beyond them, answers are sent at once: they must not fill the memory. */
  private static final int MAX_WAITING = 2_000;

  private final RepeatLimit failures;
  private final Duration delay;
  private final TimeSource time;
  private final ScheduledExecutorService timer;
  private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;
  private volatile boolean hasFailed;

  /** When a credential was refused last, in elapsed time. */
  private volatile long failedAt;

  /**
   * Creates an instance.
   *
   * @param perMinute how many failures of one address are answered at once
   * @param delay how late further ones are answered
   */
  public FailedCredentials(
      int perMinute, Duration delay, TimeSource time, ScheduledExecutorService timer) {
    this.failures = new RepeatLimit(perMinute, Integer.MAX_VALUE, MAX_ADDRESSES, INTERVAL);
    this.delay = delay;
    this.time = time;
    this.timer = timer;
  }

  /** Returns whether the address of a call has presented many invalid credentials of late. */
  boolean isSuspect(ServerCall<?, ?> call) {
    // The usual case costs each call no more than this.
    if (!hasFailed || time.nanoTime() - failedAt > INTERVAL.toNanos()) {
      return false;
    }
    var unused = failures.next(TimeUnit.NANOSECONDS.toMillis(time.nanoTime()));
    return failures.isReached(addressOf(call));
  }

  /** Ends a call whose credential was refused, now or later. */
  void refuse(ServerCall<?, ?> call, AccessException.Unauthenticated failure) {
    failedAt = time.nanoTime();
    hasFailed = true;
    String address = addressOf(call);
    // The audit log says of each refusal when it is answered.
    var unused = failures.next(TimeUnit.NANOSECONDS.toMillis(time.nanoTime()));
    if (failures.count(address) > 0) {
      ErrorMap.close(call, failure);
      return;
    }
    Executor loop = EventLoops.current();
    Runnable answer = Context.current().wrap(() -> ErrorMap.close(call, failure));
    Runnable late = () -> loop.execute(answer);
    if (isClosed || waiting.size() >= MAX_WAITING) {
      late.run();
      return;
    }
    waiting.add(late);
    try {
      var unusedTask = timer.schedule(() -> run(late), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      run(late); // The server stops.
    }
    if (isClosed) {
      run(late);
    }
  }

  /**
   * Ends a call whose credential was not checked, since too many from its address wait for it. It
   * may be valid: its client may try again.
   */
  void refuseUnchecked(ServerCall<?, ?> call) {
    ErrorMap.close(
        call,
        LimitException.ofSetting(
            "milepost.auth.failures-per-minute",
            "address:" + addressOf(call),
            "Many invalid credentials have come from your address"
                + " (milepost.auth.failures-per-minute), and new ones wait to be checked. Try again"
                + " after the delay of this error. The administrator of this server can raise the"
                + " limit.",
            SOON));
  }

  private void run(Runnable late) {
    if (waiting.remove(late)) {
      late.run();
    }
  }

  /** Sends all answers that wait. */
  @Override
  public void close() {
    isClosed = true;
    waiting.forEach(this::run);
  }

  /** Returns the whole address of a call's peer, without its port; a dash if it has none. */
  static String peerOf(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress at
            && at.getAddress() != null
        // An address of a link has its interface after a percent sign.
        ? at.getAddress().getHostAddress().replaceAll("%.*", "")
        : "-";
  }

  /**
   * Returns the address of a call's peer. A host commonly has all addresses of an IPv6 network of
   * 64 bits, so the network is named instead.
   */
  static String addressOf(ServerCall<?, ?> call) {
    if (!(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer)
        || peer.getAddress() == null) {
      return "-";
    }
    InetAddress address = peer.getAddress();
    String text = address.getHostAddress();
    return address instanceof Inet6Address && !address.isLoopbackAddress()
        ? String.join(":", List.of(text.split(":")).subList(0, 4)) + "::/64"
        : text;
  }
}
