package dev.milepost.faults;

import com.google.protobuf.Duration;
import dev.milepost.faults.Ledger.End;
import dev.milepost.faults.Ledger.LedgerAttempt;
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

/** A worker that records each report before it sends it, and each acknowledgement after it. */
final class LedgerWorker implements Runnable {
  private static final int CLAIM_WAIT_SECONDS = 2;
  private static final int MAX_REPORTS = 12;
  private static final int MAX_LINES = 3;

  /** One of this many attempts is abandoned, as by a worker that crashes. */
  private static final int ATTEMPTS_PER_ABANDONED = 12;

  private final String name;
  private final String type;
  private final PlainClient client;
  private final Ledger ledger;
  private final Random random;
  private final long paceMillis;
  private final AtomicBoolean over;
  private final Queue<String> violations;

  LedgerWorker(
      String name,
      String type,
      PlainClient client,
      Ledger ledger,
      Random random,
      long paceMillis,
      AtomicBoolean over,
      Queue<String> violations) {
    this.name = name;
    this.type = type;
    this.client = client;
    this.ledger = ledger;
    this.random = random;
    this.paceMillis = paceMillis;
    this.over = over;
    this.violations = violations;
  }

  @Override
  public void run() {
    while (!over.get()) {
      try {
        claim().forEach(this::work);
      } catch (StatusRuntimeException e) {
        if (!over.get()) {
          violations.add(name + ": a claim was rejected: " + e.getStatus());
          return;
        }
      }
    }
  }

  private static WorkerServiceBlockingStub on(Channel channel) {
    return WorkerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PlainClient.CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
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
    LedgerAttempt recorded = ledger.of(jobId).granted(claimed.getGrant().getAttempt(), name, token);
    int reports = 3 + random.nextInt(MAX_REPORTS);
    int dies = random.nextInt(ATTEMPTS_PER_ABANDONED) == 0 ? random.nextInt(reports) : reports;
    try {
      for (int seq = 1; seq <= reports; seq++) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(2 * paceMillis)));
        if (seq > dies) {
          return;
        }
        Report report = report(recorded, seq, reports);
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
          violations.add(
              jobId + ": report " + seq + " was acknowledged as " + ack.getCommittedSeq());
        }
        recorded.acknowledged(seq);
        if (ack.getDirective() == Directive.DIRECTIVE_CANCEL) {
          ConfirmCancelRequest confirm =
              ConfirmCancelRequest.newBuilder().setJobId(jobId).setAttemptToken(token).build();
          client.call(random, channel -> on(channel).confirmCancel(confirm));
          recorded.ended(End.CANCEL_CONFIRMED);
          return;
        }
      }
      Report last = report(recorded, reports + 1, reports);
      CompleteJobRequest complete =
          CompleteJobRequest.newBuilder()
              .setJobId(jobId)
              .setAttemptToken(token)
              .setReport(last)
              .build();
      client.call(random, channel -> on(channel).completeJob(complete));
      recorded.acknowledged(last.getReportSeq());
      recorded.ended(End.COMPLETED);
    } catch (StatusRuntimeException e) {
      boolean lost = e.getStatus().getCode() == Status.Code.ABORTED;
      if (!lost && !over.get()) {
        violations.add(jobId + ": " + name + " was rejected: " + e.getStatus());
      }
    }
  }

  private Report report(LedgerAttempt recorded, long seq, int total) {
    List<String> lines = new ArrayList<>();
    int count = 1 + random.nextInt(MAX_LINES);
    for (int i = 1; i <= count; i++) {
      lines.add(name + " " + seq + "." + i);
    }
    recorded.sending(seq, lines);
    Report.Builder report =
        Report.newBuilder()
            .setReportSeq(seq)
            .setProgress(Progress.newBuilder().setCurrent(Math.min(seq, total)).setTotal(total))
            .putOutcomeIncrements(Checker.counterOf(recorded.number()), 1);
    lines.forEach(
        line ->
            report.addLogs(
                LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage(line)));
    return report.build();
  }
}
