package dev.milepost.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The one thread on which all reports of a client are sent, and the one stream that they share. */
final class Reporting {
  private final EventLoop loop;
  private final ReportStream stream;
  private volatile boolean closed;
  private final Set<AttemptSession> sessions = ConcurrentHashMap.newKeySet();

  Reporting(Calls calls, EventLoop loop) {
    this.loop = loop;
    this.stream = new ReportStream(calls, this);
  }

  EventLoop loop() {
    return loop;
  }

  void add(AttemptSession session) {
    sessions.add(session);
    if (closed) {
      session.lost(closed());
    }
  }

  void remove(AttemptSession session) {
    sessions.remove(session);
  }

  /** Ends what still runs: it can say nothing any more. */
  void close() {
    closed = true;
    for (AttemptSession session : sessions) {
      session.lost(closed());
    }
    loop.close();
  }

  private static JobException closed() {
    return new ServerUnavailableException("the client was closed");
  }

  /** To be used on the loop only. */
  ReportStream stream() {
    return stream;
  }

  /** Runs it on the loop. */
  void run(Runnable task) {
    loop.execute(task);
  }

  /** Runs it on the loop after a while; does nothing once the client is closed. */
  void runIn(Duration wait, Runnable task) {
    loop.runIn(wait, task);
  }
}
