package dev.milepost.client;

import dev.milepost.v1.AttemptGrant;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.StateChange;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A job of the fake server. Implements only those rules of the contract that matter to clients. */
final class FakeJob {
  final List<Report> reports = new ArrayList<>();
  final List<Long> reportNanos = new ArrayList<>();
  final List<JournalEntry> journal = new ArrayList<>();
  final List<String> ends = new ArrayList<>();
  private final FakeServer server;
  private final Job.Builder job;
  private String token = "";
  private String endToken = "";
  private Object endRequest = "";
  long committedSeq;
  int heartbeats;
  int duplicates;
  private Instant leaseEnd = Instant.MAX;

  FakeJob(FakeServer server, String id, JobSpec spec) {
    this.server = server;
    this.job = Job.newBuilder().setId(id).setSpec(spec);
    moveTo(JobState.JOB_STATE_QUEUED);
  }

  Job job() {
    return job.build();
  }

  JobState state() {
    return job.getStatus().getState();
  }

  private void moveTo(JobState state) {
    job.getStatusBuilder().setState(state);
    append(
        JournalEntry.newBuilder()
            .setStateChange(StateChange.newBuilder().setToState(state).build()));
  }

  private void append(JournalEntry.Builder entry) {
    journal.add(entry.setSequence(journal.size() + 1).build());
  }

  void log(LogEntry line) {
    append(JournalEntry.newBuilder().setLog(line));
  }

  AttemptGrant start() {
    token = UUID.randomUUID().toString();
    committedSeq = 0;
    job.getStatusBuilder().setAttempt(job.getStatus().getAttempt() + 1);
    moveTo(JobState.JOB_STATE_RUNNING);
    renew();
    return grant();
  }

  AttemptGrant grant() {
    return AttemptGrant.newBuilder()
        .setAttemptToken(token)
        .setAttempt(job.getStatus().getAttempt())
        .setCommittedSeq(committedSeq)
        .setLease(Times.duration(server.lease))
        .setHeartbeatInterval(Times.duration(server.lease.dividedBy(3)))
        .build();
  }

  boolean isHeld() {
    return state() == JobState.JOB_STATE_RUNNING || state() == JobState.JOB_STATE_CANCELLING;
  }

  private void renew() {
    leaseEnd = Instant.now().plus(server.lease);
  }

  /** Ends the attempt as an expired lease does. */
  void expire() {
    token = "";
    moveTo(JobState.JOB_STATE_QUEUED);
  }

  void cancel(String reason, Duration grace) {
    if (!isHeld()) {
      moveTo(JobState.JOB_STATE_CANCELLED);
      return;
    }
    Instant now = Instant.now();
    job.getStatusBuilder()
        .setCancel(
            CancelInfo.newBuilder()
                .setReason(reason)
                .setRequestTime(Times.timestamp(now))
                .setGraceExpireTime(Times.timestamp(now.plus(grace))));
    moveTo(JobState.JOB_STATE_CANCELLING);
  }

  private void check(String attemptToken) {
    if (!isHeld() || !token.equals(attemptToken) || Instant.now().isAfter(leaseEnd)) {
      throw FakeServer.error(Status.Code.ABORTED, "LEASE_LOST", "", "").asRuntime();
    }
  }

  ReportAck heartbeat(String attemptToken) {
    check(attemptToken);
    heartbeats++;
    return renew(attemptToken);
  }

  /** A heartbeat on a report stream. */
  ReportAck renew(String attemptToken) {
    check(attemptToken);
    renew();
    return ack();
  }

  ReportAck report(String attemptToken, Report report) {
    check(attemptToken);
    commit(report);
    renew();
    return ack();
  }

  private void commit(Report report) {
    long seq = report.getReportSeq();
    if (seq > committedSeq + 1) {
      throw FakeServer.error(
              Status.Code.FAILED_PRECONDITION,
              "REPORT_SEQUENCE_GAP",
              "expected_seq",
              Long.toString(committedSeq + 1))
          .asRuntime();
    }
    if (seq != 0 && seq <= committedSeq) {
      duplicates++;
      return;
    }
    if (report.getStage().getName().equals("INVALID")) {
      throw FakeServer.invalid("report.stage.name").asRuntime();
    }
    committedSeq = Math.max(seq, committedSeq);
    reports.add(report);
    reportNanos.add(System.nanoTime());
    report.getLogsList().forEach(this::log);
    if (report.hasProgress()) {
      job.getStatusBuilder().setProgress(report.getProgress());
    }
    if (report.hasCheckpoint()) {
      job.getStatusBuilder().setCheckpoint(report.getCheckpoint());
    }
  }

  private ReportAck ack() {
    boolean cancelling = state() == JobState.JOB_STATE_CANCELLING;
    return ReportAck.newBuilder()
        .setCommittedSeq(committedSeq)
        .setDirective(cancelling ? Directive.DIRECTIVE_CANCEL : Directive.DIRECTIVE_CONTINUE)
        .setCancel(job.getStatus().getCancel())
        .setLeaseExpireTime(Times.timestamp(leaseEnd))
        .setMinReportInterval(Times.duration(server.minReportInterval))
        .build();
  }

  /** Ends the attempt; a repeated request gets the same response. */
  Job end(String attemptToken, Report report, Object request, JobState state) {
    if (attemptToken.equals(endToken) && request.equals(endRequest)) {
      return job();
    }
    check(attemptToken);
    if (report.getReportSeq() != 0) {
      commit(report);
    }
    endToken = attemptToken;
    endRequest = request;
    token = "";
    ends.add(request.getClass().getSimpleName());
    moveTo(state);
    return job();
  }

  Job.Builder builder() {
    return job;
  }
}
