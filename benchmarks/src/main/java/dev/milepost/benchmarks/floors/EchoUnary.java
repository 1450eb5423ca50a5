package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Calls;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The floor of unary calls: the same messages, echoed and not stored. */
public final class EchoUnary implements Variant {
  private final String name;
  private final ServerProcess server;
  private final int inFlight;
  private final List<Connection> connections;

  /**
   * Starts an echo server, which it owns.
   *
   * @param executor {@code direct} or {@code default}
   * @param inFlight calls in flight
   */
  public EchoUnary(String executor, int inFlight) throws IOException, InterruptedException {
    this.name = "echo-unary-" + executor;
    this.inFlight = inFlight;
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
    CreateJobRequest request = SampleMessages.create();
    return ClosedLoop.run(
        inFlight,
        length,
        (slot, operation) ->
            ClientCalls.asyncUnaryCall(
                connections
                    .get(slot % connections.size())
                    .channel()
                    .newCall(EchoMethods.UNARY, CallOptions.DEFAULT),
                request,
                Calls.completing(operation)));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
