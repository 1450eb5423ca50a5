package dev.milepost.server.grpc;

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
 * The threads that all connections live on, as many as there are cores: nothing blocks on them.
 *
 * <p>What a call asks of the store is answered by a thread of the store, many calls at a time. Were
 * the answers sent from there, each would wake its connection's event loop and leave in a packet of
 * its own. So they are handed over ({@link #current()}): the loop makes all that have come by then,
 * and sends them together.
 */
final class EventLoops implements AutoCloseable {
  private static final ThreadLocal<Executor> CURRENT = ThreadLocal.withInitial(() -> Runnable::run);

  private final EventLoopGroup acceptor = group(1, "milepost-accept");
  private final EventLoopGroup workers =
      group(Runtime.getRuntime().availableProcessors(), "milepost-io");

  EventLoops() {
    for (EventExecutor loop : workers) {
      loop.execute(() -> CURRENT.set(new SerialExecutor(loop)));
    }
  }

  private static EventLoopGroup group(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  /** Runs on the event loop that this is called on; elsewhere, at once. */
  static Executor current() {
    return CURRENT.get();
  }

  EventLoopGroup acceptor() {
    return acceptor;
  }

  EventLoopGroup workers() {
    return workers;
  }

  /** Lets the threads end; does not wait for it. */
  @Override
  public void close() {
    for (EventLoopGroup group : List.of(acceptor, workers)) {
      var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
