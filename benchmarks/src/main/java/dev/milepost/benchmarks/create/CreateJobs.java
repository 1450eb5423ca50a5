package dev.milepost.benchmarks.create;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Calls;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Creates jobs with a number of calls in flight. */
final class CreateJobs implements Variant {
  private final ServerProcess server;
  private final int inFlight;
  private final List<Connection> connections;
  private final List<JobServiceGrpc.JobServiceStub> stubs;
  private final AtomicLong created = new AtomicLong();

  /** Takes ownership of the server. */
  CreateJobs(ServerProcess server, int inFlight) {
    this.server = server;
    this.inFlight = inFlight;
    this.connections = Connection.some(server.address());
    this.stubs = connections.stream().map(each -> JobServiceGrpc.newStub(each.channel())).toList();
  }

  @Override
  public String name() {
    return "create";
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
            stubs
                .get(slot % stubs.size())
                .createJob(request, Calls.completing(operation, created::incrementAndGet)));
  }

  /** Fails if the store does not hold exactly the acknowledged jobs. */
  void check() {
    long stored = 0;
    for (Connection connection : connections) {
      stored +=
          JobServiceGrpc.newBlockingStub(connection.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .countJobs(CountJobsRequest.getDefaultInstance())
              .getTotal();
    }
    if (stored != created.get()) {
      throw new IllegalStateException(
          "the store holds " + stored + " jobs, but " + created.get() + " were acknowledged");
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
