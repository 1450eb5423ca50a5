package dev.milepost.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the attempts of one client share: the report loop and the report stream. Thread-safe. */
final class Reporting {
  private final EventLoop loop;
  private final Executor executor;
  private final ReportStream stream;
  private final UnsentReports unsent;
  private final Duration endTimeout;
  private final Set<AttemptSession> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Creates what attempts share.
   *
   * @param executor where the user's code is called back
   * @param endTimeout how long the end of an attempt is tried
   */
  Reporting(
      Calls calls, EventLoop loop, Executor executor, UnsentReports unsent, Duration endTimeout) {
    this.loop = loop;
    this.executor = executor;
    this.unsent = unsent;
    this.endTimeout = endTimeout;
    this.stream = new ReportStream(calls, loop);
  }

  EventLoop loop() {
    return loop;
  }

  /** Where the user's code is called back. */
  Executor executor() {
    return executor;
  }

  UnsentReports unsent() {
    return unsent;
  }

  /** How long the end of an attempt is tried. */
  Duration endTimeout() {
    return endTimeout;
  }

  /** The stream, to be used on the loop only. */
  ReportStream stream() {
    return stream;
  }

  void add(AttemptSession session) {
    sessions.add(session);
    if (closed) {
      session.lost(ClientCore.closed());
    }
  }

  void remove(AttemptSession session) {
    sessions.remove(session);
  }

  /**
   * Ends the report stream gracefully: what was sent is answered. Blocks until the server has ended
   * it, or until the time is over.
   */
  void endStream(Duration timeout) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    loop.execute(() -> stream.end(ended));
    try {
      ended.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The server does not answer: the stream is cancelled with its connection.
    }
  }

  /** Ends the running attempts, which can no longer report. */
  void close() {
    closed = true;
    for (AttemptSession session : sessions) {
      session.lost(ClientCore.closed());
    }
    loop.close();
  }
}
