package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The floor: a bare grpc-java server that responds at once. A separate program, so that it is
 * measured like Milepost.
 *
 * <p>Arguments: {@code direct} or {@code default} for its executor, and the id of a process with
 * which it exits.
 */
public final class EchoServer {
  private static final CreateJobResponse CREATED = SampleMessages.created();
  private static final ReportStreamResponse REPORTED = SampleMessages.reported();

  private final Set<StreamObserver<WatchJobResponse>> listeners = ConcurrentHashMap.newKeySet();

  private EchoServer() {}

  /**
   * Starts it in a separate process.
   *
   * @param executor {@code direct} or {@code default}
   */
  public static ServerProcess start(String executor) throws IOException, InterruptedException {
    return ServerProcess.startOther(EchoServer.class, executor);
  }

  /** Serves until the given process exits or this one is stopped. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxConcurrentCallsPerConnection(100_000)
            .addService(new EchoServer().service());
    if (arguments[0].equals("direct")) {
      builder.directExecutor();
    }
    Server server = builder.build().start();
    System.out.printf("address localhost:%d%nReady%n", server.getPort());
    System.out.flush();
    ProcessHandle.of(Long.parseLong(arguments[1]))
        .ifPresent(
            driver -> {
              var unused = driver.onExit().thenRun(() -> System.exit(0));
            });
    server.awaitTermination();
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(EchoMethods.SERVICE)
        .addMethod(
            EchoMethods.UNARY,
            ServerCalls.asyncUnaryCall(
                (request, out) -> {
                  out.onNext(CREATED);
                  out.onCompleted();
                }))
        .addMethod(EchoMethods.BIDI, ServerCalls.asyncBidiStreamingCall(Echo::new))
        .addMethod(
            EchoMethods.LISTEN,
            ServerCalls.asyncServerStreamingCall(
                (request, out) -> {
                  listeners.add(out);
                  out.onNext(WatchJobResponse.getDefaultInstance());
                }))
        .addMethod(
            EchoMethods.FAN_OUT,
            ServerCalls.asyncUnaryCall(
                (message, out) -> {
                  listeners.forEach(listener -> listener.onNext(message));
                  out.onNext(message);
                  out.onCompleted();
                }))
        .build();
  }

  private record Echo(StreamObserver<ReportStreamResponse> out)
      implements StreamObserver<ReportStreamRequest> {
    @Override
    public void onNext(ReportStreamRequest request) {
      out.onNext(REPORTED);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      out.onCompleted();
    }
  }
}
