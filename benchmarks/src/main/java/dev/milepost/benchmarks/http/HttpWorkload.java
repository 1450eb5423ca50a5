package dev.milepost.benchmarks.http;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.Footprint;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.milepost.v1.JobSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** Measures what HTTP costs: the time of a call, the memory of a stream, and open pages. */
@Command(
    name = "http",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Gets a job by HTTP/1.1, HTTP/2 and gRPC, one call at a time in random order, and opens",
      "event streams: their server memory against that of gRPC watches. Then opens overviews while",
      "jobs are created: the CPU time of the server against that with one overview; and pages on",
      "one list: their memory against bare Jetty, and what they cost a worker that reports."
    })
public final class HttpWorkload extends Workload {
  private static final int CALLS_PER_PHASE = 2_000;
  private static final int WARM_UP_CALLS = 4_000;

  private static final Duration OVERVIEW_PHASE = Duration.ofSeconds(20);
  private static final int CREATES_PER_SECOND = 50;

  /** Below the limits of one user and of one address. */
  private static final int STREAMS = 900;

  private static final int PAGES = 1_000;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public HttpWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    List<Figure> figures = new ArrayList<>();
    int streams = options.quick() ? 20 : STREAMS;
    try (ServerProcess server = Servers.milepost(options);
        Connection reader = new Connection(server.address(), "reader")) {
      JobServiceBlockingStub jobs = JobServiceGrpc.newBlockingStub(reader.channel());
      String id = create(jobs);
      URI url = URI.create(server.http());
      figures.addAll(
          gets(
              jobs,
              url.resolve("/v1/jobs/" + id),
              id,
              options.quick() ? 10 : WARM_UP_CALLS,
              options.quick() ? 10 : options.phases() * CALLS_PER_PHASE));
      progress.printf("%d streams by each protocol%n", streams);
      double http;
      double grpc;
      try (OpenStreams open = OpenStreams.http(url, id)) {
        http = bytesPerStream(server, open, streams);
      }
      try (ServerProcess another = Servers.milepost(options);
          Connection other = new Connection(another.address(), "reader");
          OpenStreams open =
              OpenStreams.grpc(
                  another.address(), create(JobServiceGrpc.newBlockingStub(other.channel())))) {
        grpc = bytesPerStream(another, open, streams);
      }
      figures.add(new Figure("http.stream", http, "B", grpc, Goal.NONE));
    }
    figures.addAll(overviews(options, streams, progress));
    int pages = options.quick() ? 20 : PAGES;
    progress.printf("%d pages open on one list%n", pages);
    figures.addAll(PageMemory.measure(options, pages));
    figures.addAll(HotList.measure(options, pages, progress));
    return figures;
  }

  /** Compares the CPU time of a server whose overview many pages show with that for one page. */
  private static List<Figure> overviews(BenchOptions options, int pages, PrintStream progress)
      throws Exception {
    Duration phase = options.quick() ? Duration.ofSeconds(2) : OVERVIEW_PHASE;
    progress.printf("1 and %d overviews%n", pages);
    try (ServerProcess server = Servers.milepost(options);
        Connection owner = new Connection(server.address(), "owner");
        OverviewPages open = new OverviewPages(URI.create(server.http()))) {
      JobServiceBlockingStub jobs = JobServiceGrpc.newBlockingStub(owner.channel());
      open.open(1);
      createFor(jobs, phase); // warms up
      double one = cpuMillis(server, jobs, phase);
      open.open(pages - 1);
      createFor(jobs, phase);
      long before = open.bytes();
      double all = cpuMillis(server, jobs, phase);
      double bytes = (open.bytes() - before) / (double) phase.toSeconds() / pages;
      return List.of(
          new Figure("http.overviews", all, "ms/s", one, Goal.NONE),
          Figure.plain("http.overview.bytes", bytes, "B/s"));
    }
  }

  private static double cpuMillis(ServerProcess server, JobServiceBlockingStub jobs, Duration phase)
      throws InterruptedException {
    Duration before = server.cpu();
    createFor(jobs, phase);
    return server.cpu().minus(before).toNanos() / 1e6 / phase.toSeconds();
  }

  /** Creates jobs one after the other, at a fixed rate. */
  private static void createFor(JobServiceBlockingStub jobs, Duration phase)
      throws InterruptedException {
    long start = System.nanoTime();
    for (int i = 0; i < phase.toSeconds() * CREATES_PER_SECOND; i++) {
      var unused = create(jobs);
      long due = start + (i + 1L) * 1_000_000_000L / CREATES_PER_SECOND;
      TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
    }
  }

  private static String create(JobServiceBlockingStub jobs) {
    return jobs.createJob(
            CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("http")).build())
        .getJob()
        .getId();
  }

  /** One way to read the job. */
  private interface Call {
    void run() throws IOException, InterruptedException;
  }

  private static List<Figure> gets(
      JobServiceBlockingStub jobs, URI job, String id, int warmUp, int calls)
      throws IOException, InterruptedException {
    GetJobRequest request = GetJobRequest.newBuilder().setJobId(id).build();
    Series grpc =
        new Series(
            () -> {
              var unused = jobs.getJob(request);
            });
    Series one = new Series(get(job, HttpClient.Version.HTTP_1_1));
    Series two = new Series(get(job, HttpClient.Version.HTTP_2));
    List<Series> all = List.of(grpc, one, two);
    run(all, warmUp);
    all.forEach(series -> series.micros.clear());
    run(all, calls);
    return List.of(
        new Figure("http.get", one.median(), "us", grpc.median(), Goal.NONE),
        new Figure("http.get.http2", two.median(), "us", grpc.median(), Goal.NONE));
  }

  private static Call get(URI job, HttpClient.Version version) {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    HttpRequest request = HttpRequest.newBuilder(job).header("x-milepost-user", "reader").build();
    return () -> {
      int status = client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
      if (status != 200) {
        throw new IOException("the call was refused: " + status);
      }
    };
  }

  private static void run(List<Series> all, int rounds) throws IOException, InterruptedException {
    Random random = new Random(2);
    List<Series> order = new ArrayList<>(all);
    for (int i = 0; i < rounds; i++) {
      Collections.shuffle(order, random);
      for (Series series : order) {
        long from = System.nanoTime();
        series.call.run();
        series.micros.add((System.nanoTime() - from) / 1e3);
      }
    }
  }

  /** Returns the live bytes per stream when their number grows from the half to all. */
  private static double bytesPerStream(ServerProcess server, OpenStreams streams, int number)
      throws IOException, InterruptedException {
    Footprint footprint = new Footprint(server.pid());
    for (int i = 0; i < number / 2; i++) {
      streams.open();
    }
    long before = footprint.liveHeap();
    for (int i = number / 2; i < number; i++) {
      streams.open();
    }
    return (footprint.liveHeap() - before) / (number - number / 2.0);
  }

  /** The times of one way, in microseconds. */
  private static final class Series {
    private final Call call;
    private final List<Double> micros = new ArrayList<>();

    Series(Call call) {
      this.call = call;
    }

    double median() {
      return Statistics.median(micros.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }
}
