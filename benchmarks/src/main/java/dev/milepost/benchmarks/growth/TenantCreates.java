package dev.milepost.benchmarks.growth;

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
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Creates jobs of many tenants in turn. */
final class TenantCreates implements Variant {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-milepost-tenant", Metadata.ASCII_STRING_MARSHALLER);

  private final ServerProcess server;
  private final int inFlight;
  private final List<Connection> connections;
  private final List<JobServiceGrpc.JobServiceStub> stubs = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong created = new AtomicLong();

  /** Takes ownership of the server. */
  TenantCreates(ServerProcess server, int tenants, int inFlight) {
    this.server = server;
    this.inFlight = inFlight;
    this.connections =
        List.of(
            new Connection(server.address(), "user-0", "OPERATOR"),
            new Connection(server.address(), "user-1", "OPERATOR"));
    // Both connections for each tenant, so that one tenant, too, is served by all threads.
    for (int tenant = 0; tenant < tenants; tenant++) {
      for (Connection connection : connections) {
        stubs.add(JobServiceGrpc.newStub(connection.channel()).withInterceptors(of(tenant)));
      }
    }
  }

  private static ClientInterceptor of(int tenant) {
    Metadata headers = new Metadata();
    headers.put(TENANT, "tenant-" + tenant);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private int tenants() {
    return stubs.size() / connections.size();
  }

  @Override
  public String name() {
    return "create-by-" + tenants() + "-tenants";
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
                .get(Math.floorMod(next.getAndIncrement(), stubs.size()))
                .createJob(request, Calls.completing(operation, created::incrementAndGet)));
  }

  /** Fails if the tenants do not have exactly the acknowledged jobs. */
  void check() {
    long stored = 0;
    for (int tenant = 0; tenant < tenants(); tenant++) {
      stored +=
          JobServiceGrpc.newBlockingStub(connections.get(0).channel())
              .withInterceptors(of(tenant))
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .countJobs(CountJobsRequest.getDefaultInstance())
              .getTotal();
    }
    if (stored != created.get()) {
      throw new IllegalStateException(
          "the tenants have " + stored + " jobs, but " + created.get() + " were acknowledged");
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
