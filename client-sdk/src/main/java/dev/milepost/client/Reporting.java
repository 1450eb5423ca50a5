package dev.milepost.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the attempts of one client share: the report loop and the report stream. Thread-safe. */
final class Reporting {
  private final EventLoop loop;
  private final ReportStream stream;
  private final Set<AttemptSession> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Reporting(Calls calls, EventLoop loop) {
    this.loop = loop;
    this.stream = new ReportStream(calls, loop);
  }

  EventLoop loop() {
    return loop;
  }

  /** The stream, to be used on the loop only. */
  ReportStream stream() {
    return stream;
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

  /** Ends the running attempts, which can no longer report. */
  void close() {
    closed = true;
    for (AttemptSession session : sessions) {
      session.lost(closed());
    }
    loop.close();
  }

  private static JobException closed() {
    return new ServerUnavailableException("the client is closed");
  }
}
