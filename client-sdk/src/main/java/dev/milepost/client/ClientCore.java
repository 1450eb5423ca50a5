package dev.milepost.client;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What all parts of one client share: connection, threads, and running attempts. */
final class ClientCore {
  /** Time for the end of the report stream and of the connection. */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

  /** Time for the server to answer the last reports. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(1);

  /** How long a thread without a callback is kept. */
  private static final long IDLE_SECONDS = 10;

  private final ManagedChannel connection;
  private final EventLoop timer = new EventLoop("milepost-heartbeat");
  private final EventLoop reportLoop = new EventLoop("milepost-report");
  private final Executor executor;
  private final Calls calls;
  private final JobClient client;
  private final Reporting reporting;
  private final Set<Worker> workers = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  ClientCore(JobClientBuilder settings) {
    this.connection = Channels.open(settings);
    this.executor = settings.executor == null ? callbackThreads() : settings.executor;
    Channel channel = ClientInterceptors.intercept(connection, new CallerInterceptor(settings));
    this.calls = new Calls(connection, channel, timer, settings);
    UnsentReports unsent = new UnsentReports(settings.maxUnsentBytes, settings.reportListener);
    this.reporting = new Reporting(calls, reportLoop, executor, unsent, settings.endTimeout);
    this.client = new JobClient(this);
  }

  /** As many threads as there are callbacks at a time, so that a slow one delays no other. */
  private static Executor callbackThreads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        callback -> {
          Thread daemon = new Thread(callback, "milepost-callback");
          daemon.setDaemon(true);
          return daemon;
        });
  }

  JobClient client() {
    return client;
  }

  Calls calls() {
    return calls;
  }

  Reporting reporting() {
    return reporting;
  }

  EventLoop timer() {
    return timer;
  }

  Executor executor() {
    return executor;
  }

  boolean isClosed() {
    return closing;
  }

  /** The error of everything that a closed client is asked for. */
  static ServerUnavailableException closed() {
    return new ServerUnavailableException("The client is closed.");
  }

  /** Adds a worker, which is closed with the client; returns false if the client is closed. */
  boolean add(Worker worker) {
    workers.add(worker);
    if (closing) {
      workers.remove(worker);
      return false;
    }
    return true;
  }

  void remove(Worker worker) {
    workers.remove(worker);
  }

  /**
   * Closes the workers, each within its own drain timeout, ends the report stream, then closes the
   * connection, so that calls that wait for a retry fail.
   *
   * @param timeout for all of that together
   */
  void close(Duration timeout) {
    Deadline deadline = Deadline.in(timeout);
    boolean isFirst = !closing;
    closing = true;
    closeWorkers(timeout.minus(min(timeout.dividedBy(5), CONNECTION_TIMEOUT)));
    if (isFirst) {
      reporting.endStream(min(deadline.left().dividedBy(2), END_TIMEOUT));
    }
    connection.shutdownNow();
    try {
      Duration left = min(deadline.left(), CONNECTION_TIMEOUT);
      connection.awaitTermination(left.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reporting.close();
    timer.close();
  }

  /** Closes all workers at the same time. */
  private void closeWorkers(Duration timeout) {
    List<Thread> closers = new ArrayList<>();
    for (Worker worker : workers) {
      Thread closer = new Thread(() -> worker.closeWithin(timeout), "milepost-close");
      closer.setDaemon(true);
      closer.start();
      closers.add(closer);
    }
    try {
      for (Thread closer : closers) {
        closer.join();
      }
    } catch (InterruptedException e) {
      // The workers release their jobs at once, without waiting for that.
      closers.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
