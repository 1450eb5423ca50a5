package dev.milepost.server.transport;

import dev.milepost.server.concurrent.SerialExecutor;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of all connections, one per core. Nothing blocks on them.
 *
 * <p>The store completes many calls at a time on a thread of its own. Sent from there, each
 * response would wake its connection's event loop and leave in a packet of its own. {@link
 * #current()} hands responses over to the loop instead, which sends all that have arrived together.
 */
public final class EventLoops implements AutoCloseable {
  private static final ThreadLocal<Executor> CURRENT = ThreadLocal.withInitial(() -> Runnable::run);

  private final EventLoopGroup acceptor = group(1, "milepost-accept");
  private final EventLoopGroup workers =
      group(Runtime.getRuntime().availableProcessors(), "milepost-io");

  /** Starts the threads. */
  public EventLoops() {
    for (EventExecutor loop : workers) {
      loop.execute(() -> CURRENT.set(new SerialExecutor(loop)));
    }
  }

  private static EventLoopGroup group(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  /**
   * Returns an executor of the event loop that this is called on; anywhere else, a direct executor.
   */
  public static Executor current() {
    return CURRENT.get();
  }

  /** Returns the loop that accepts connections. */
  public EventLoopGroup acceptor() {
    return acceptor;
  }

  /** Returns the loops of the connections. */
  public EventLoopGroup workers() {
    return workers;
  }

  /** Starts the shutdown of the threads without waiting for it. */
  @Override
  public void close() {
    for (EventLoopGroup group : List.of(acceptor, workers)) {
      var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
