package dev.milepost.faults;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Calls as a client of any language would write them from the contract alone: by one server until
 * that fails, then by another, with the same request. Thread-safe.
 */
final class PlainClient implements AutoCloseable {
  static final String USER = "faults";

  /** Longer than a claim waits and shorter than anybody waits for a server that is held. */
  static final long TRY_SECONDS = 4;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<ManagedChannel> servers;
  private final AtomicBoolean over;
  private final Queue<String> unforeseen = new ConcurrentLinkedQueue<>();

  /**
   * A client.
   *
   * @param over once true, a call that fails is not tried again
   */
  PlainClient(List<String> addresses, AtomicBoolean over) {
    this.over = over;
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-milepost-user", Metadata.ASCII_STRING_MARSHALLER), USER);
    this.servers =
        addresses.stream()
            .map(
                address ->
                    NettyChannelBuilder.forTarget(address)
                        .usePlaintext()
                        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .build())
            .toList();
  }

  /**
   * Calls until there is an answer.
   *
   * @param random picks the servers
   * @throws StatusRuntimeException where a server refuses
   */
  <R> R call(Random random, Function<Channel, R> call) {
    while (true) {
      ManagedChannel server = servers.get(random.nextInt(servers.size()));
      try {
        return call.apply(server);
      } catch (StatusRuntimeException e) {
        if (over.get() || !mayPass(e.getStatus())) {
          throw e;
        }
        server.resetConnectBackoff();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private boolean mayPass(Status status) {
    if (status.getCause() instanceof IOException) {
      // A connection that ends just as a call begins on it: no server has said anything.
      return true;
    }
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED -> true;
      case UNKNOWN, INTERNAL, DATA_LOSS -> {
        // Whatever happens to a server or its store, this is not how it is to be told.
        unforeseen.add(status.toString());
        yield true;
      }
      default -> false;
    };
  }

  /** Errors that no server should have given. */
  List<String> unforeseen() {
    return List.copyOf(unforeseen);
  }

  @Override
  public void close() {
    servers.forEach(ManagedChannel::shutdownNow);
  }
}
