package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.floors.EchoMethods;
import dev.milepost.benchmarks.floors.EchoServer;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.StoreFiller;
import dev.milepost.benchmarks.process.Memory;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Measures the server memory of idle watchers. */
@Command(
    name = "watchers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Server memory per idle watcher, ten on each of a thousand jobs, against that of a bare"
          + " server",
      "per idle stream."
    })
public final class WatchersWorkload extends Workload {
  private static final int PER_JOB = 10;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public WatchersWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    int many = options.quick() ? 1_000 : 10_000;
    progress.printf("%d and %d watchers%n", many / 2, many);
    List<Figure> figures = new ArrayList<>();
    List<Memory> memory = new ArrayList<>();
    int samples = options.quick() ? 1 : 3;
    IdleStreams.Cost watcher = watchers(many, samples, options, memory);
    progress.printf("The same with a bare server%n");
    IdleStreams.Cost stream = bareStreams(many, samples);
    double beyond = watcher.heap() - stream.heap();
    figures.add(new Figure("watchers.bytes", beyond, "B", Double.NaN, Goal.atMost(1_024)));
    figures.add(new Figure("watchers.heap", watcher.heap(), "B", stream.heap(), Goal.NONE));
    figures.add(
        new Figure("watchers.resident", watcher.resident(), "B", stream.resident(), Goal.NONE));
    figures.addAll(Memory.figures("watchers", memory));
    return figures;
  }

  private static IdleStreams.Cost watchers(
      int many, int samples, BenchOptions options, List<Memory> memory)
      throws IOException, InterruptedException {
    try (ServerProcess server = Servers.milepost(options)) {
      List<String> jobs = create(server, many / PER_JOB);
      try (IdleStreams streams =
          new IdleStreams(
              server,
              (connection, index, out) ->
                  JobServiceGrpc.newStub(connection.channel())
                      .watchJob(
                          WatchJobRequest.newBuilder().setJobId(jobs.get(index / PER_JOB)).build(),
                          out),
              samples)) {
        IdleStreams.Cost cost = streams.between(many / 2, many);
        memory.add(Memory.of(server));
        return cost;
      }
    }
  }

  private static List<String> create(ServerProcess server, int count) throws InterruptedException {
    try (StoreFiller filler = new StoreFiller(server.address());
        Connection connection = new Connection(server.address(), "operator", "OPERATOR")) {
      filler.create(count);
      return JobServiceGrpc.newBlockingStub(connection.channel())
          .withDeadlineAfter(60, TimeUnit.SECONDS)
          .listJobs(ListJobsRequest.newBuilder().setPageSize(count).build())
          .getJobsList()
          .stream()
          .map(Job::getId)
          .toList();
    }
  }

  private static IdleStreams.Cost bareStreams(int many, int samples)
      throws IOException, InterruptedException {
    try (ServerProcess server = EchoServer.start("direct");
        IdleStreams streams =
            new IdleStreams(
                server,
                (connection, index, out) ->
                    ClientCalls.asyncServerStreamingCall(
                        connection.channel().newCall(EchoMethods.LISTEN, CallOptions.DEFAULT),
                        WatchJobRequest.getDefaultInstance(),
                        out),
                samples)) {
      return streams.between(many / 2, many);
    }
  }
}
