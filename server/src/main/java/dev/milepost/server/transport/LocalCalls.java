package dev.milepost.server.transport;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.AnonymousInProcessSocketAddress;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The way to the services for clients that reach this process by another protocol, such as HTTP.
 * Their calls pass the same interceptors as all others, with the facts of their own connection: its
 * address, its client certificate, its limits. Thread-safe.
 *
 * <p>A call runs on an event loop, like those of the network. The server has no name: only this
 * class can reach it.
 */
public final class LocalCalls {
  private final Server server;

  /** One for each event loop: a transport starts one call at a time. */
  private final List<Loop> loops = new ArrayList<>();

  private final Connections connections;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Creates the way to a server that has not started.
   *
   * @param services adds them, and the interceptors in front of them
   * @param connections bounds what calls of one connection share
   * @param bytes bounds what calls hold
   * @param eventLoops at least one
   */
  public LocalCalls(
      Consumer<ServerBuilder<?>> services,
      Connections connections,
      BytesInFlight bytes,
      Iterable<? extends Executor> eventLoops) {
    this.connections = connections;
    SocketAddress address = new AnonymousInProcessSocketAddress();
    InProcessServerBuilder builder =
        InProcessServerBuilder.forAddress(address).addStreamTracerFactory(bytes.ofThisProcess());
    services.accept(builder);
    this.server = builder.intercept(new CallOrigin.Receiver()).build();
    eventLoops.forEach(loop -> loops.add(new Loop(loop, channel(address))));
  }

  private static ManagedChannel channel(SocketAddress address) {
    return InProcessChannelBuilder.forAddress(address)
        .directExecutor()
        .disableRetry()
        .maxTraceEvents(0)
        .build();
  }

  private record Loop(Executor executor, ManagedChannel channel) {}

  /**
   * Starts the server.
   *
   * @throws IOException never
   */
  public void start() throws IOException {
    server.start();
    // Connects before the first call.
    loops.forEach(
        loop -> {
          var unused = loop.channel().getState(true);
        });
  }

  /**
   * Returns a channel for the calls of one connection. It need not be closed. Its listeners are
   * called on an event loop, and must not block.
   *
   * @param peer the address of the client
   * @param tls the session of a connection with TLS; null: it has none
   */
  public Channel connect(SocketAddress peer, @Nullable SSLSession tls) {
    Attributes.Builder facts = Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer);
    if (tls != null) {
      facts.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, tls);
    }
    CallOrigin origin = new CallOrigin(connections.transportReady(facts.build()));
    Loop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    return ClientInterceptors.intercept(loop.channel(), new Sender(origin, loop.executor()));
  }

  /** Refuses new calls; those in progress go on. */
  public void refuseNew() {
    server.shutdown();
  }

  /** Ends all calls. */
  public void close() {
    server.shutdownNow();
    loops.forEach(loop -> loop.channel().shutdownNow());
  }

  /** Starts each call on the event loop of its connection, with the origin. */
  private record Sender(CallOrigin origin, Executor loop) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
      return new LoopCall<>(channel.newCall(method, options), loop, origin);
    }
  }
}
