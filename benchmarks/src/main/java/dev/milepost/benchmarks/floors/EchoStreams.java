package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.load.StreamLoop;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.ReportStreamRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The floor of report streams: the same messages, echoed and not stored. */
public final class EchoStreams implements Variant {
  private final String name;
  private final ServerProcess server;
  private final int streams;
  private final int window;
  private final List<Connection> connections;

  /**
   * Starts an echo server, which it owns.
   *
   * @param executor {@code direct} or {@code default}
   * @param window messages in flight of each stream
   */
  public EchoStreams(String executor, int streams, int window)
      throws IOException, InterruptedException {
    this.name = "echo-bidi-" + window + "-" + executor;
    this.streams = streams;
    this.window = window;
    this.server = EchoServer.start(executor);
    this.connections = Connection.some(server.address());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return StreamLoop.run(streams, window, length, this::open);
  }

  private Sender open(int slot, StreamLoop.Answers answers) {
    return new Sender(
        ClientCalls.asyncBidiStreamingCall(
            connections
                .get(slot % connections.size())
                .channel()
                .newCall(EchoMethods.BIDI, CallOptions.DEFAULT),
            answers.observer(answer -> {})));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  private static final class Sender implements StreamLoop.Stream<ReportStreamRequest> {
    private final StreamObserver<ReportStreamRequest> out;
    private long sent;

    Sender(StreamObserver<ReportStreamRequest> out) {
      this.out = out;
    }

    @Override
    public void send() {
      out.onNext(SampleMessages.report(++sent));
    }

    @Override
    public void end() {
      out.onCompleted();
    }
  }
}
