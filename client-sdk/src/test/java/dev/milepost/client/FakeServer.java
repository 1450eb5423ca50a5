package dev.milepost.client;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A minimal server written from the contract, on a real socket. It can lose responses. Its own
 * monitor guards all its state.
 */
final class FakeServer implements AutoCloseable {
  final Map<String, FakeJob> jobs = new LinkedHashMap<>();
  final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
  volatile Duration lease = Duration.ofSeconds(30);

  /** Whether report streams commit reports without responding. */
  volatile boolean streamsDoNotRespond;

  volatile Duration minReportInterval = Duration.ofMillis(20);
  final FakeWatches watches = new FakeWatches(this);
  private final Map<String, AtomicInteger> responsesToLose = new ConcurrentHashMap<>();
  private final HealthStatusManager health = new HealthStatusManager();
  private Server server;

  FakeServer() {
    this.server = listen(0);
  }

  private Server listen(int port) {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
          .addService(new FakeJobService(this))
          .addService(new FakeWorkerService(this))
          .addService(health.getHealthService())
          .intercept(new ResponseLoss())
          .permitKeepAliveTime(1, java.util.concurrent.TimeUnit.SECONDS)
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reports itself as not serving from now on, but still responds. */
  void setNotServing() {
    health.setStatus("", ServingStatus.NOT_SERVING);
  }

  String target() {
    return "localhost:" + server.getPort();
  }

  int port() {
    return server.getPort();
  }

  /** Stops abruptly, runs an action, and starts again on the same port with the same jobs. */
  void restart(Runnable between) throws InterruptedException {
    int port = server.getPort();
    server.shutdownNow().awaitTermination();
    between.run();
    server = listen(port);
  }

  /**
   * Loses the next responses of a method after its work is done: the caller receives UNAVAILABLE.
   */
  void loseResponses(String method, int count) {
    responsesToLose.put(method, new AtomicInteger(count));
  }

  int calls(String method) {
    return calls.getOrDefault(method, new AtomicInteger()).get();
  }

  synchronized FakeJob only() {
    return jobs.values().iterator().next();
  }

  /** Wakes waiting calls and watches. Call it after each change, holding the server's lock. */
  void changed() {
    notifyAll();
    watches.wake();
  }

  /** Creates an error with the contract's details. */
  record Refused(com.google.rpc.Status status) {
    StatusRuntimeException asRuntime() {
      return StatusProto.toStatusRuntimeException(status);
    }
  }

  static Refused error(Status.Code code, String reason, String key, String value) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(reason).setDomain("milepost.dev");
    if (!key.isEmpty()) {
      info.putMetadata(key, value);
    }
    return new Refused(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(reason)
            .addDetails(Any.pack(info.build()))
            .build());
  }

  static Refused invalid(String field) {
    BadRequest details =
        BadRequest.newBuilder()
            .addFieldViolations(BadRequest.FieldViolation.newBuilder().setField(field))
            .build();
    com.google.rpc.Status status =
        error(Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "", "").status();
    return new Refused(status.toBuilder().addDetails(Any.pack(details)).build());
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  private final class ResponseLoss implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String method = call.getMethodDescriptor().getBareMethodName();
      calls.computeIfAbsent(method, name -> new AtomicInteger()).incrementAndGet();
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            private boolean lost;

            @Override
            public void sendMessage(R message) {
              AtomicInteger left = responsesToLose.get(method);
              if (left != null && left.getAndDecrement() > 0) {
                lost = true;
                call.close(Status.UNAVAILABLE.withDescription("lost"), new Metadata());
              } else if (!lost) {
                super.sendMessage(message);
              }
            }

            @Override
            public void sendHeaders(Metadata metadata) {
              AtomicInteger left = responsesToLose.get(method);
              if (left == null || left.get() <= 0) {
                super.sendHeaders(metadata);
              }
            }

            @Override
            public void close(Status status, Metadata trailers) {
              if (!lost) {
                super.close(status, trailers);
              }
            }
          },
          headers);
    }
  }
}
