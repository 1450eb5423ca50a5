package dev.milepost.server.app;

import static dev.milepost.server.app.UseCases.ANN;
import static dev.milepost.server.app.UseCases.BOB;
import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.StartJob;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reports on jobs, and cancels them in bulk, without a server. */
class ReportsTest {
  private final UseCases app = new UseCases();

  @AfterEach
  void close() {
    app.close();
  }

  private CreateJobResponse start() {
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setSpec(JobSpec.newBuilder().setType("sync"))
            .setStart(StartJob.newBuilder().setWorkerId("w"))
            .build();
    return await(app.creation.create(ANN, request));
  }

  private ReportAck report(CreateJobResponse started, long seq, long current) {
    Report report =
        Report.newBuilder()
            .setReportSeq(seq)
            .setProgress(Progress.newBuilder().setCurrent(current).setTotal(10))
            .build();
    return await(
        app.reports.report(
            ANN, started.getJob().getId(), started.getGrant().getAttemptToken(), report));
  }

  @Test
  void aReportIsCommittedOnce() {
    CreateJobResponse started = start();
    assertThat(report(started, 1, 5).getCommittedSeq()).isEqualTo(1);
    assertThat(report(started, 1, 9).getCommittedSeq()).isEqualTo(1);
    Job job = await(app.access.read(ANN, started.getJob().getId())).getJob();
    assertThat(job.getStatus().getProgress().getCurrent()).isEqualTo(5);
  }

  @Test
  void aWrongTokenHasLostItsLease() {
    CreateJobResponse started = start();
    assertThatThrownBy(
            () ->
                await(
                    app.reports.heartbeat(ANN, started.getJob().getId(), "another-attempt-token")))
        .isInstanceOf(Refusal.LeaseLost.class);
  }

  @Test
  void aCallerWithoutTheRoleDoesNotFindTheJob() {
    CreateJobResponse started = start();
    assertThatThrownBy(
            () ->
                await(
                    app.reports.heartbeat(
                        BOB, started.getJob().getId(), started.getGrant().getAttemptToken())))
        .isInstanceOf(Refusal.JobNotFound.class);
  }

  @Test
  void aCompletedJobKeepsItsResult() {
    CreateJobResponse started = start();
    Job done =
        await(
            app.reports.complete(
                ANN,
                started.getJob().getId(),
                started.getGrant().getAttemptToken(),
                Report.getDefaultInstance(),
                Struct.getDefaultInstance()));
    assertThat(done.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aBulkCancelReachesTheWorkerWithItsNextReport() {
    CreateJobResponse started = start();
    List<String> changed = new ArrayList<>();
    BulkCall call =
        new BulkCall() {
          @Override
          public boolean isCancelled() {
            return false;
          }

          @Override
          public void changed(String jobId) {
            changed.add(jobId);
          }
        };
    CancelJobsRequest all =
        CancelJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().addTypes("sync")).build();
    assertThat(await(app.bulk.cancel(ANN, all, call)).getCount()).isEqualTo(1);
    assertThat(changed).containsExactly(started.getJob().getId());
    assertThat(report(started, 1, 5).getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
  }
}
