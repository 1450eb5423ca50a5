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
 * One life after the other: create, claim, reports, complete, each step begun by the answer to the
 * one before. Lives one at a time; its report stream stays open from one to the next.
 *
 * <p>It works on the job that the claim gives, which another may have created.
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
  private ClosedLoop.@Nullable Turn turn;
  private ClaimedJob held = ClaimedJob.getDefaultInstance();
  private long reported;

  AcknowledgedLife(Connection connection, LifeTally tally) {
    this.jobs = JobServiceGrpc.newStub(connection.channel());
    this.work = WorkerServiceGrpc.newStub(connection.channel());
    this.tally = tally;
    this.reports = work.reportStream(this);
  }

  void begin(ClosedLoop.Turn begun) {
    turn = begun;
    jobs.createJob(
        SampleMessages.create(),
        new Step<>(begun, created -> work.claimJobs(CLAIM, claiming(begun))));
  }

  private Step<ClaimJobsResponse> claiming(ClosedLoop.Turn begun) {
    return new Step<>(
        begun,
        claimed -> {
          if (claimed.getJobsCount() != 1) {
            begun.failed(new IllegalStateException("a claim got nothing though a job waits"));
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
    ClosedLoop.Turn current = current();
    if (!response.hasAck()
        || response.getReportSeq() != reported
        || !response.getJobId().equals(held.getJob().getId())) {
      current.failed(new IllegalStateException("not the next acknowledgement: " + response));
    } else if (reported < LifeReports.ALL) {
      report();
    } else {
      complete(current);
    }
  }

  private void complete(ClosedLoop.Turn current) {
    work.completeJob(
        CompleteJobRequest.newBuilder()
            .setJobId(held.getJob().getId())
            .setAttemptToken(held.getGrant().getAttemptToken())
            .build(),
        new Step<>(
            current,
            completed -> {
              if (completed.getJob().getStatus().getState() != JobState.JOB_STATE_SUCCEEDED) {
                current.failed(new IllegalStateException("not the end of a life: " + completed));
                return;
              }
              tally.acknowledged(completed.getJob().getId());
              current.done();
            }));
  }

  @Override
  public void onError(Throwable failure) {
    if (turn != null) {
      turn.failed(failure);
    }
  }

  @Override
  public void onCompleted() {
    onError(new IllegalStateException("the server has ended the report stream"));
  }

  private ClosedLoop.Turn current() {
    if (turn == null) {
      throw new IllegalStateException("an answer before anything was said");
    }
    return turn;
  }

  /** Waits for the answer to a unary call, and goes on with it. */
  private static final class Step<A> implements StreamObserver<A> {
    private final ClosedLoop.Turn turn;
    private final Consumer<A> then;
    private @Nullable A answer;

    Step(ClosedLoop.Turn turn, Consumer<A> then) {
      this.turn = turn;
      this.then = then;
    }

    @Override
    public void onNext(A message) {
      answer = message;
    }

    @Override
    public void onError(Throwable failure) {
      turn.failed(failure);
    }

    @Override
    public void onCompleted() {
      if (answer == null) {
        turn.failed(new IllegalStateException("an answer without a message"));
      } else {
        then.accept(answer);
      }
    }
  }
}
