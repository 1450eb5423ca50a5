package dev.milepost.server.grpc;

import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportRequest;

/** A job that a worker holds. */
public record HeldJob(TestClient client, String jobId, String token) {
  /** Returns the same attempt as used by another caller. */
  public HeldJob by(TestClient other) {
    return new HeldJob(other, jobId, token);
  }

  /** Returns the same job with another token. */
  public HeldJob withToken(String other) {
    return new HeldJob(client, jobId, other);
  }

  public ReportAck report(Report.Builder report) {
    return client.worker().report(request(report)).getAck();
  }

  /** Returns a report as a request. */
  public ReportRequest request(Report.Builder report) {
    return ReportRequest.newBuilder()
        .setJobId(jobId)
        .setAttemptToken(token)
        .setReport(report)
        .build();
  }

  /** Reports a line. */
  public ReportAck log(LogLevel level, String message) {
    return report(Report.newBuilder().addLogs(line(level, message)));
  }

  public static LogEntry line(LogLevel level, String message) {
    return LogEntry.newBuilder().setLevel(level).setMessage(message).build();
  }

  public static LogEntry info(String message) {
    return line(LogLevel.LOG_LEVEL_INFO, message);
  }

  /** Reports progress. */
  public ReportAck progress(long current, long total) {
    return report(
        Report.newBuilder().setProgress(Progress.newBuilder().setCurrent(current).setTotal(total)));
  }

  public ReportAck heartbeat() {
    return client
        .worker()
        .heartbeat(HeartbeatRequest.newBuilder().setJobId(jobId).setAttemptToken(token).build())
        .getAck();
  }

  public Job complete() {
    return client
        .worker()
        .completeJob(CompleteJobRequest.newBuilder().setJobId(jobId).setAttemptToken(token).build())
        .getJob();
  }

  public Job fail(String code, boolean retryable) {
    return client
        .worker()
        .failJob(
            FailJobRequest.newBuilder()
                .setJobId(jobId)
                .setAttemptToken(token)
                .setError(
                    JobError.newBuilder()
                        .setCode(code)
                        .setMessage("It broke.")
                        .setRetryable(retryable))
                .build())
        .getJob();
  }

  public Job confirmCancel() {
    return client
        .worker()
        .confirmCancel(
            ConfirmCancelRequest.newBuilder().setJobId(jobId).setAttemptToken(token).build())
        .getJob();
  }

  public Job release(String reason) {
    return client
        .worker()
        .releaseJob(
            ReleaseJobRequest.newBuilder()
                .setJobId(jobId)
                .setAttemptToken(token)
                .setReason(reason)
                .build())
        .getJob();
  }
}
