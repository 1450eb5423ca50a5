package dev.milepost.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets things go wrong as planned. */
final class FaultInjector implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_MILLIS = 20;

  private final Engine engine;
  private final List<ServerNode> servers;
  private final ScheduledExecutorService threads;
  private final Map<Fault.Kind, Integer> done = new EnumMap<>(Fault.Kind.class);
  private final AtomicInteger cut = new AtomicInteger();

  FaultInjector(Engine engine, List<ServerNode> servers) {
    this.engine = engine;
    this.servers = servers;
    // Each server may have one busy for a while, and so may the store; what else is due must not
    // wait.
    this.threads = Executors.newScheduledThreadPool(2 * (servers.size() + 1));
  }

  /**
   * Carries the plan out, and returns when it is over and every server runs again.
   *
   * @throws IOException where a server or the store does not come back
   */
  void carryOut(List<Fault> plan) throws IOException, InterruptedException {
    List<Future<?>> all = new ArrayList<>();
    for (Fault fault : plan) {
      all.add(
          threads.schedule(
              () -> {
                cause(fault);
                return null;
              },
              fault.atMillis(),
              TimeUnit.MILLISECONDS));
    }
    for (Future<?> one : all) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new IOException("a fault went wrong: " + e.getCause(), e);
      }
    }
    for (ServerNode server : servers) {
      server.ensureRunning();
      server.awaitReady();
    }
  }

  private void cause(Fault fault) throws IOException, InterruptedException {
    ServerNode server = servers.get(fault.server());
    switch (fault.kind()) {
      case KILL, STOP -> {
        synchronized (server) {
          if (fault.kind() == Fault.Kind.KILL) {
            server.kill();
          } else {
            server.stop();
          }
          TimeUnit.MILLISECONDS.sleep(fault.lastsMillis());
          server.ensureRunning();
          server.awaitReady();
        }
      }
      case PAUSE -> {
        synchronized (server) {
          server.pause(true);
          TimeUnit.MILLISECONDS.sleep(fault.lastsMillis());
          server.pause(false);
        }
      }
      case CUT_FEEDS -> cut(engine::cutFeeds);
      case CUT_ALL -> cut(engine::cutAll);
      case CRASH_STORE -> engine.crash();
    }
    synchronized (done) {
      done.merge(fault.kind(), 1, Integer::sum);
    }
  }

  /** Ends connections of an engine, and answers how many. */
  private interface Cut {
    int now() throws IOException;
  }

  /**
   * A cut that comes just after a crash finds nothing to cut: it waits until somebody has connected
   * again.
   */
  private void cut(Cut connections) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    int ended = connections.now();
    while (ended == 0) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no server connects to the store any more");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      ended = connections.now();
    }
    cut.addAndGet(ended);
  }

  /** What went wrong, in words. */
  String summary() {
    synchronized (done) {
      List<String> parts = new ArrayList<>();
      done.forEach((kind, times) -> parts.add(times + " " + kind.title()));
      return String.join(", ", parts) + " (" + cut + " connections cut)";
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
