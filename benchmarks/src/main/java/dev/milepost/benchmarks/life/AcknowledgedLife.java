package dev.milepost.benchmarks.life;

import com.google.protobuf.Duration;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs one job life at a time: create, claim, reports, complete. The response to each step starts
 * the next one. The report stream stays open between lives.
 *
 * <p>Works on the claimed job, which another instance may have created.
 */
final class AcknowledgedLife implements StreamObserver<ReportStreamResponse> {
  private static final ClaimJobsRequest CLAIM =
      ClaimJobsRequest.newBuilder()
          .setWorkerId("bench")
          .setMaxJobs(1)
          .setWait(Duration.newBuilder().setSeconds(20))
          .build();

  private final JobServiceGrpc.JobServiceStub jobs;
  private final WorkerServiceGrpc.WorkerServiceStub work;
  private final LifeTally tally;
  private final StreamObserver<ReportStreamRequest> reports;
  private ClosedLoop.@Nullable Operation operation;
  private ClaimedJob held = ClaimedJob.getDefaultInstance();
  private long reported;

  AcknowledgedLife(Connection connection, LifeTally tally) {
    this.jobs = JobServiceGrpc.newStub(connection.channel());
    this.work = WorkerServiceGrpc.newStub(connection.channel());
    this.tally = tally;
    this.reports = work.reportStream(this);
  }

  void begin(ClosedLoop.Operation started) {
    operation = started;
    jobs.createJob(
        SampleMessages.create(),
        new Step<>(started, created -> work.claimJobs(CLAIM, claiming(started))));
  }

  private Step<ClaimJobsResponse> claiming(ClosedLoop.Operation started) {
    return new Step<>(
        started,
        claimed -> {
          if (claimed.getJobsCount() != 1) {
            started.failed(
                new IllegalStateException("a claim returned no job although one is waiting"));
            return;
          }
          held = claimed.getJobs(0);
          reported = 0;
          report();
        });
  }

  private void report() {
    reports.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(held.getJob().getId())
            .setAttemptToken(held.getGrant().getAttemptToken())
            .setReport(LifeReports.report(++reported))
            .build());
  }

  @Override
  public void onNext(ReportStreamResponse response) {
    ClosedLoop.Operation current = current();
    if (!response.hasAck()
        || response.getReportSeq() != reported
        || !response.getJobId().equals(held.getJob().getId())) {
      current.failed(new IllegalStateException("unexpected acknowledgement: " + response));
    } else if (reported < LifeReports.ALL) {
      report();
    } else {
      complete(current);
    }
  }

  private void complete(ClosedLoop.Operation current) {
    work.completeJob(
        CompleteJobRequest.newBuilder()
            .setJobId(held.getJob().getId())
            .setAttemptToken(held.getGrant().getAttemptToken())
            .build(),
        new Step<>(
            current,
            completed -> {
              if (completed.getJob().getStatus().getState() != JobState.JOB_STATE_SUCCEEDED) {
                current.failed(new IllegalStateException("the job did not succeed: " + completed));
                return;
              }
              tally.acknowledged(completed.getJob().getId());
              current.done();
            }));
  }

  @Override
  public void onError(Throwable failure) {
    if (operation != null) {
      operation.failed(failure);
    }
  }

  @Override
  public void onCompleted() {
    onError(new IllegalStateException("the server closed the report stream"));
  }

  private ClosedLoop.Operation current() {
    if (operation == null) {
      throw new IllegalStateException("a response without a request");
    }
    return operation;
  }

  /** Passes the response of a unary call on. */
  private static final class Step<A> implements StreamObserver<A> {
    private final ClosedLoop.Operation operation;
    private final Consumer<A> then;
    private @Nullable A answer;

    Step(ClosedLoop.Operation operation, Consumer<A> then) {
      this.operation = operation;
      this.then = then;
    }

    @Override
    public void onNext(A message) {
      answer = message;
    }

    @Override
    public void onError(Throwable failure) {
      operation.failed(failure);
    }

    @Override
    public void onCompleted() {
      if (answer == null) {
        operation.failed(new IllegalStateException("a response without a message"));
      } else {
        then.accept(answer);
      }
    }
  }
}
