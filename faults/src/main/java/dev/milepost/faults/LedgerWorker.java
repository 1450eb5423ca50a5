package dev.milepost.faults;

import com.google.protobuf.Duration;
import dev.milepost.faults.Ledger.AttemptPage;
import dev.milepost.faults.Ledger.End;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.Directive;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.WorkerServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A worker that writes down what it says before it says it, and what was acknowledged after. */
final class LedgerWorker implements Runnable {
  private static final int CLAIM_WAIT_SECONDS = 2;
  private static final int MOST_REPORTS = 12;
  private static final int MOST_LINES = 3;

  /** One attempt of so many is left without a word, as by a worker that dies. */
  private static final int LIVES = 12;

  private final String name;
  private final String type;
  private final PlainClient client;
  private final Ledger ledger;
  private final Random random;
  private final long paceMillis;
  private final AtomicBoolean over;
  private final Queue<String> faults;

  LedgerWorker(
      String name,
      String type,
      PlainClient client,
      Ledger ledger,
      Random random,
      long paceMillis,
      AtomicBoolean over,
      Queue<String> faults) {
    this.name = name;
    this.type = type;
    this.client = client;
    this.ledger = ledger;
    this.random = random;
    this.paceMillis = paceMillis;
    this.over = over;
    this.faults = faults;
  }

  @Override
  public void run() {
    while (!over.get()) {
      try {
        claim().forEach(this::work);
      } catch (StatusRuntimeException e) {
        if (!over.get()) {
          faults.add(name + ": a claim was refused: " + e.getStatus());
          return;
        }
      }
    }
  }

  private static WorkerServiceBlockingStub on(Channel channel) {
    return WorkerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PlainClient.TRY_SECONDS, TimeUnit.SECONDS);
  }

  private List<ClaimedJob> claim() {
    ClaimJobsRequest request =
        ClaimJobsRequest.newBuilder()
            .setWorkerId(name)
            .addTypes(type)
            .setMaxJobs(1)
            .setWait(Duration.newBuilder().setSeconds(CLAIM_WAIT_SECONDS))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return client.call(random, channel -> on(channel).claimJobs(request).getJobsList());
  }

  private void work(ClaimedJob claimed) {
    String jobId = claimed.getJob().getId();
    String token = claimed.getGrant().getAttemptToken();
    AttemptPage page = ledger.of(jobId).granted(claimed.getGrant().getAttempt(), name, token);
    int reports = 3 + random.nextInt(MOST_REPORTS);
    int dies = random.nextInt(LIVES) == 0 ? random.nextInt(reports) : reports;
    try {
      for (int seq = 1; seq <= reports; seq++) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(2 * paceMillis)));
        if (seq > dies) {
          return;
        }
        Report report = report(page, seq, reports);
        ReportAck ack =
            client.call(
                random,
                channel ->
                    on(channel)
                        .report(
                            ReportRequest.newBuilder()
                                .setJobId(jobId)
                                .setAttemptToken(token)
                                .setReport(report)
                                .build())
                        .getAck());
        if (ack.getCommittedSeq() != seq) {
          faults.add(jobId + ": report " + seq + " was answered by " + ack.getCommittedSeq());
        }
        page.acknowledged(seq);
        if (ack.getDirective() == Directive.DIRECTIVE_CANCEL) {
          ConfirmCancelRequest confirm =
              ConfirmCancelRequest.newBuilder().setJobId(jobId).setAttemptToken(token).build();
          client.call(random, channel -> on(channel).confirmCancel(confirm));
          page.ended(End.CANCEL_CONFIRMED);
          return;
        }
      }
      Report last = report(page, reports + 1, reports);
      CompleteJobRequest complete =
          CompleteJobRequest.newBuilder()
              .setJobId(jobId)
              .setAttemptToken(token)
              .setReport(last)
              .build();
      client.call(random, channel -> on(channel).completeJob(complete));
      page.acknowledged(last.getReportSeq());
      page.ended(End.COMPLETED);
    } catch (StatusRuntimeException e) {
      boolean lost = e.getStatus().getCode() == Status.Code.ABORTED;
      if (!lost && !over.get()) {
        faults.add(jobId + ": " + name + " was refused: " + e.getStatus());
      }
    }
  }

  private Report report(AttemptPage page, long seq, int total) {
    List<String> lines = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_LINES);
    for (int i = 1; i <= count; i++) {
      lines.add(name + " " + seq + "." + i);
    }
    page.says(seq, lines);
    Report.Builder report =
        Report.newBuilder()
            .setReportSeq(seq)
            .setProgress(Progress.newBuilder().setCurrent(Math.min(seq, total)).setTotal(total))
            .putOutcomeIncrements(Checker.counterOf(page.number()), 1);
    lines.forEach(
        line ->
            report.addLogs(
                LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage(line)));
    return report.build();
  }
}
