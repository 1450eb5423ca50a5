package dev.milepost.client;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The one thread on which all reports of a client are sent, and the one stream that they share. */
final class Reporting {
  private final ScheduledExecutorService loop;
  private final ReportStream stream;
  private final Set<AttemptSession> sessions = ConcurrentHashMap.newKeySet();

  Reporting(Calls calls, ScheduledExecutorService loop) {
    this.loop = loop;
    this.stream = new ReportStream(calls, this);
  }

  ScheduledExecutorService loop() {
    return loop;
  }

  void add(AttemptSession session) {
    sessions.add(session);
  }

  void remove(AttemptSession session) {
    sessions.remove(session);
  }

  /** Ends what still runs: it can say nothing any more. */
  void close() {
    for (AttemptSession session : sessions) {
      session.lost(new ServerUnavailableException("the client was closed"));
    }
    loop.shutdown();
  }

  /** To be used on the loop only. */
  ReportStream stream() {
    return stream;
  }

  /** Runs it on the loop; does nothing once the client is closed. */
  void run(Runnable task) {
    runIn(Duration.ZERO, task);
  }

  void runIn(Duration wait, Runnable task) {
    try {
      loop.schedule(task, wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The client is closed: nothing is sent any more.
    }
  }
}
