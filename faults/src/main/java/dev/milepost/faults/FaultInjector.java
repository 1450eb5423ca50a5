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

/** Injects planned faults. */
final class FaultInjector implements AutoCloseable {
  private static final long RECONNECT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long POLL_MILLIS = 20;

  private final Engine engine;
  private final List<ServerNode> servers;
  private final ScheduledExecutorService threads;
  private final Map<Fault.Kind, Integer> done = new EnumMap<>(Fault.Kind.class);
  private final AtomicInteger closedConnections = new AtomicInteger();

  FaultInjector(Engine engine, List<ServerNode> servers) {
    this.engine = engine;
    this.servers = servers;
    // A fault of a server or of the store occupies a thread until it is over. Others must not wait.
    this.threads = Executors.newScheduledThreadPool(2 * (servers.size() + 1));
  }

  /**
   * Injects the planned faults. Returns when all are over and every server is running again.
   *
   * @throws IOException if a server or the store does not restart
   */
  void inject(List<Fault> plan) throws IOException, InterruptedException {
    List<Future<?>> all = new ArrayList<>();
    for (Fault fault : plan) {
      all.add(
          threads.schedule(
              () -> {
                inject(fault);
                return null;
              },
              fault.atMillis(),
              TimeUnit.MILLISECONDS));
    }
    for (Future<?> one : all) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new IOException("a fault could not be injected: " + e.getCause(), e);
      }
    }
    for (ServerNode server : servers) {
      server.ensureRunning();
      server.awaitReady();
    }
  }

  private void inject(Fault fault) throws IOException, InterruptedException {
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
      case DISCONNECT_FEEDS -> disconnect(engine::disconnectFeeds);
      case DISCONNECT_ALL -> disconnect(engine::disconnectAll);
      case CRASH_STORE -> engine.crash();
    }
    synchronized (done) {
      done.merge(fault.kind(), 1, Integer::sum);
    }
  }

  /** Closes connections of an engine and returns their number. */
  private interface Disconnection {
    int now() throws IOException;
  }

  /**
   * Just after a crash there is no connection to close, so this waits until a server has
   * reconnected.
   */
  private void disconnect(Disconnection connections) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + RECONNECT_TIMEOUT_NANOS;
    int ended = connections.now();
    while (ended == 0) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no server reconnects to the store");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      ended = connections.now();
    }
    closedConnections.addAndGet(ended);
  }

  /** Describes the injected faults. */
  String summary() {
    synchronized (done) {
      List<String> parts = new ArrayList<>();
      done.forEach((kind, times) -> parts.add(times + " " + kind.title()));
      return String.join(", ", parts) + " (" + closedConnections + " connections closed)";
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
