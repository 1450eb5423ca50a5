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
 * Calls servers as a client in any language could, from the contract alone: if one server fails, it
 * repeats the request on another one. Thread-safe.
 */
final class PlainClient implements AutoCloseable {
  static final String USER = "faults";

  /** Longer than a claim waits, and shorter than a server is suspended. */
  static final long CALL_TIMEOUT_SECONDS = 4;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<ManagedChannel> servers;
  private final AtomicBoolean over;
  private final Queue<String> unexpectedErrors = new ConcurrentLinkedQueue<>();

  /**
   * Creates a client.
   *
   * @param over once true, failed calls are not retried
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
   * Repeats a call until a server answers it.
   *
   * @param random picks the servers
   * @throws StatusRuntimeException if a server rejects the call
   */
  <R> R call(Random random, Function<Channel, R> call) {
    while (true) {
      ManagedChannel server = servers.get(random.nextInt(servers.size()));
      try {
        return call.apply(server);
      } catch (StatusRuntimeException e) {
        if (over.get() || !isTransient(e.getStatus())) {
          throw e;
        }
        server.resetConnectBackoff();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private boolean isTransient(Status status) {
    if (status.getCause() instanceof IOException) {
      // The connection was closed as the call began: no server has answered.
      return true;
    }
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED -> true;
      case UNKNOWN, INTERNAL, DATA_LOSS -> {
        // No fault of a server or its store may be reported with one of these codes.
        unexpectedErrors.add(status.toString());
        yield true;
      }
      default -> false;
    };
  }

  /** Errors that no server may return. */
  List<String> unexpectedErrors() {
    return List.copyOf(unexpectedErrors);
  }

  @Override
  public void close() {
    servers.forEach(ManagedChannel::shutdownNow);
  }
}
