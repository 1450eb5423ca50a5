package dev.milepost.benchmarks;

import dev.milepost.v1.CreateJobRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The floor of unary calls: the same messages, answered at once and kept nowhere. */
final class EchoUnary implements Variant {
  private final String name;
  private final ServerProcess server;
  private final int inFlight;
  private final List<Connection> connections;

  EchoUnary(String executor, int inFlight) throws IOException, InterruptedException {
    this.name = "echo-unary-" + executor;
    this.inFlight = inFlight;
    this.server = ServerProcess.startEcho(executor);
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
  public Work run(Duration length) throws InterruptedException {
    CreateJobRequest request = Samples.create();
    return ClosedLoop.run(
        inFlight,
        length,
        (slot, turn) ->
            ClientCalls.asyncUnaryCall(
                connections
                    .get(slot % connections.size())
                    .channel()
                    .newCall(EchoMethods.UNARY, CallOptions.DEFAULT),
                request,
                Calls.ending(turn)));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
