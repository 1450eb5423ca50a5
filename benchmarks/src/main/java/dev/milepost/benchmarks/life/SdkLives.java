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
 * Lives as users of the Java client write them: one client creates jobs, another does them, with
 * the settings that both have by default. A life is over when its completion is acknowledged.
 */
final class SdkLives implements Variant {
  private static final String USER = "user-0";
  private static final String TYPE = "user-sync";
  private static final String NUMBER = "life";

  private final ServerProcess server;
  private final int count;
  private final JobClient creator;
  private final JobClient doer;
  private final Worker worker;
  private final Connection reader;
  private final Map<String, ClosedLoop.Turn> underWay = new ConcurrentHashMap<>();
  private final AtomicLong begun = new AtomicLong();
  private final LifeTally tally = new LifeTally();

  /**
   * Takes the server over.
   *
   * @param count lives at a time
   */
  SdkLives(ServerProcess server, int count) {
    this.server = server;
    this.count = count;
    this.reader = new Connection(server.address(), USER);
    this.creator = JobClient.builder(server.address()).user(USER).build();
    this.doer =
        JobClient.builder(server.address())
            .user(USER)
            .channel(channel -> channel.intercept(new CompletionInterceptor(this::completed)))
            .build();
    this.worker = doer.worker().handler(TYPE, SdkLives::work).concurrency(count).start();
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
    return ClosedLoop.run(count, length, (slot, turn) -> create(turn));
  }

  private void create(ClosedLoop.Turn turn) {
    String number = Long.toString(begun.incrementAndGet());
    underWay.put(number, turn);
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
                    turn.failed(failure);
                  }
                });
  }

  /** Thirty calls, as in every life; the last line is the summary that the client offers. */
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
    ClosedLoop.Turn turn = underWay.remove(job.getSpec().getLabelsOrDefault(NUMBER, ""));
    if (turn == null) {
      // The client may have asked twice.
      return;
    }
    if (job.getStatus().getState() != JobState.JOB_STATE_SUCCEEDED) {
      turn.failed(new IllegalStateException("not the end of a life: " + job));
      return;
    }
    tally.acknowledged(job.getId());
    turn.done();
  }

  /** Fails where the store does not hold exactly the lives that were acknowledged: so many. */
  long check() {
    return tally.check(reader);
  }

  @Override
  public void close() {
    worker.close(Duration.ZERO);
    doer.close();
    creator.close();
    reader.close();
    server.close();
  }
}
