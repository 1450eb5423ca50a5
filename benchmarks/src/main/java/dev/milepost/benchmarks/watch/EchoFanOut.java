package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.floors.EchoMethods;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The floor of a fan-out: the same message, sent to all watchers and not stored. */
final class EchoFanOut implements FanOutSource {
  private final ServerProcess server;
  private final Connection sender;
  private final WatchJobResponse sample;
  private long last;

  /**
   * Does not close the server.
   *
   * @param sample a message of Milepost; all messages have its size
   */
  EchoFanOut(ServerProcess server, WatchJobResponse sample) {
    this.server = server;
    this.sender = new Connection(server.address(), "user-0");
    this.sample = sample;
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public long last() {
    return last;
  }

  @Override
  public void listen(Connection connection, StreamObserver<WatchJobResponse> listener) {
    ClientCalls.asyncServerStreamingCall(
        connection.channel().newCall(EchoMethods.LISTEN, CallOptions.DEFAULT),
        WatchJobRequest.getDefaultInstance(),
        listener);
  }

  @Override
  public CompletableFuture<Void> send() {
    last++;
    WatchJobResponse.Builder step = sample.toBuilder().setSequence(last);
    step.getEntriesBuilder(0).setSequence(last);
    CompletableFuture<Void> sent = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        sender.channel().newCall(EchoMethods.FAN_OUT, CallOptions.DEFAULT),
        step.build(),
        new StreamObserver<>() {
          @Override
          public void onNext(WatchJobResponse answer) {}

          @Override
          public void onError(Throwable failure) {
            sent.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            sent.complete(null);
          }
        });
    return sent;
  }

  @Override
  public void close() {
    sender.close();
  }
}
