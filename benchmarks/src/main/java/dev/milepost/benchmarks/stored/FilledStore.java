package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.JobServiceGrpc;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server with many stored jobs that several variants query as an operator. */
final class FilledStore implements AutoCloseable {
  private final String name;
  private final ServerProcess server;
  private final int jobs;
  private final List<Connection> connections;

  /**
   * Takes ownership of the server.
   *
   * @param name its size, as figure names contain it
   * @param jobs number of stored jobs
   */
  FilledStore(String name, ServerProcess server, int jobs) {
    this.name = name;
    this.server = server;
    this.jobs = jobs;
    this.connections =
        List.of(
            new Connection(server.address(), "operator-0", "OPERATOR"),
            new Connection(server.address(), "operator-1", "OPERATOR"));
  }

  String name() {
    return name;
  }

  ServerProcess server() {
    return server;
  }

  int jobs() {
    return jobs;
  }

  JobServiceGrpc.JobServiceStub stub(int slot) {
    return JobServiceGrpc.newStub(connections.get(slot % connections.size()).channel());
  }

  /** Fails if it does not hold that number of jobs. */
  void check() {
    long stored =
        JobServiceGrpc.newBlockingStub(connections.get(0).channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .countJobs(CountJobsRequest.getDefaultInstance())
            .getTotal();
    if (stored != jobs) {
      throw new IllegalStateException("the store holds " + stored + " jobs instead of " + jobs);
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
