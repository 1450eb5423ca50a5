package dev.milepost.benchmarks.life;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Worker;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Job lives as users of the Java client write them: one client creates jobs, another one runs them,
 * both with default settings. A life ends when its completion is acknowledged.
 */
final class SdkLives implements Variant {
  private static final String USER = "user-0";
  private static final String TYPE = "user-sync";
  private static final String NUMBER = "life";

  private final ServerProcess server;
  private final int count;
  private final JobClient creator;
  private final JobClient workerClient;
  private final Worker worker;
  private final Connection reader;
  private final Map<String, ClosedLoop.Operation> inFlight = new ConcurrentHashMap<>();
  private final AtomicLong started = new AtomicLong();
  private final LifeTally tally = new LifeTally();

  /**
   * Takes ownership of the server.
   *
   * @param count concurrent lives
   */
  SdkLives(ServerProcess server, int count) {
    this.server = server;
    this.count = count;
    this.reader = new Connection(server.address(), USER);
    this.creator = JobClient.builder(server.address()).user(USER).build();
    this.workerClient =
        JobClient.builder(server.address())
            .user(USER)
            .channel(channel -> channel.intercept(new CompletionInterceptor(this::completed)))
            .build();
    this.worker = workerClient.worker().handler(TYPE, SdkLives::work).concurrency(count).start();
  }

  @Override
  public String name() {
    return "life-sdk";
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(count, length, (slot, operation) -> create(operation));
  }

  private void create(ClosedLoop.Operation operation) {
    String number = Long.toString(started.incrementAndGet());
    inFlight.put(number, operation);
    JobSpec spec =
        JobSpec.of(TYPE)
            .displayName("Sync the users of a project")
            .project("project-17")
            .label(NUMBER, number);
    var unused =
        creator
            .async()
            .create(spec)
            .whenComplete(
                (handle, failure) -> {
                  if (failure != null) {
                    operation.failed(failure);
                  }
                });
  }

  /** Makes the thirty calls of a life. The last line is the summary that the client offers. */
  private static void work(JobContext context) {
    JobLogger log = context.logger();
    for (long seq = 1; seq < LifeReports.ALL; seq++) {
      if (LifeReports.isLine(seq)) {
        log.info(LifeReports.line(seq));
      } else {
        log.setProgress(LifeReports.done(seq), LifeReports.PROGRESS, "users");
      }
    }
    log.logSummary();
  }

  private void completed(Job job) {
    ClosedLoop.Operation operation = inFlight.remove(job.getSpec().getLabelsOrDefault(NUMBER, ""));
    if (operation == null) {
      // The client may have repeated the call.
      return;
    }
    if (job.getStatus().getState() != JobState.JOB_STATE_SUCCEEDED) {
      operation.failed(new IllegalStateException("the job did not succeed: " + job));
      return;
    }
    tally.acknowledged(job.getId());
    operation.done();
  }

  /** Returns the number of acknowledged lives. Fails if the store does not hold exactly these. */
  long check() {
    return tally.check(reader);
  }

  @Override
  public void close() {
    worker.close(Duration.ZERO);
    workerClient.close();
    creator.close();
    reader.close();
    server.close();
  }
}
