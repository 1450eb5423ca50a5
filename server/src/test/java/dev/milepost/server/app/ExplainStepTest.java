package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import dev.milepost.server.workers.WorkerRecords;
import dev.milepost.server.workers.WorkerRegistry;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.ClaimReasonKind;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.Report;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Why a step of a task is not claimed while it has yet to get the items of the step before. */
class ExplainStepTest {
  private static final JobKey TASK = new JobKey("acme", "task");
  private static final JobKey ONE = new JobKey("acme", "one");
  private static final JobKey TWO = new JobKey("acme", "two");

  private final UseCases cases = new UseCases();
  private final JobExplanations explanations =
      new JobExplanations(
          cases.store,
          cases.access,
          new WorkerRecords(
              cases.store, new WorkerRegistry(cases.clock, () -> "localhost:7300"), "this-run"));

  @AfterEach
  void close() {
    cases.close();
  }

  private static StepRecord step(JobKey job) {
    return StepRecord.newBuilder()
        .setName(job.jobId())
        .setJobId(job.jobId())
        .setSpec(JobSpec.newBuilder().setType("type-" + job.jobId()))
        .build();
  }

  private void startTask() {
    JobSpec spec = JobSpec.newBuilder().setType("task").build();
    cases
        .store
        .update(
            new Selection.Named(List.of(TASK, ONE, TWO), Set.of(), Optional.empty(), false),
            found ->
                Decision.of(
                    cases.rules.startTask(
                        new NewJob(TASK, "ann", "ann", "", "", spec),
                        List.of(step(ONE), step(TWO)),
                        List.of(Item.newBuilder().setId("item").build()),
                        found.clock()),
                    true))
        .toCompletableFuture()
        .join();
  }

  private void run(JobCommand command) {
    cases
        .store
        .update(
            Selection.of(ONE),
            found -> {
              JobRecord current = found.job(ONE).orElseThrow();
              JobDecisions decided = cases.rules.decide(current, command, found);
              return Decision.of(decided.all(), true);
            })
        .toCompletableFuture()
        .join();
  }

  @Test
  void itWaitsForTheStepBefore() {
    startTask();
    run(new JobCommand.Claim("worker", "token"));
    run(
        new JobCommand.Complete(
            "token", Report.getDefaultInstance(), Map.of(), Struct.getDefaultInstance()));

    // Nothing passes the items on here.
    ExplainJobResponse explained =
        explanations
            .explain(UseCases.ANN, ExplainJobRequest.newBuilder().setJobId("two").build())
            .toCompletableFuture()
            .join();

    assertThat(explained.getReasonsList())
        .extracting(ClaimReason::getKind)
        .containsExactly(
            ClaimReasonKind.CLAIM_REASON_KIND_WAITS_FOR_STEP,
            ClaimReasonKind.CLAIM_REASON_KIND_NO_WORKER);
    assertThat(explained.getReasons(0).getMessage())
        .isEqualTo(
            "It is the step \"two\" of a task that has yet to pass it the items of the step"
                + " before.");
    assertThat(explained.getReasons(0).getParentId()).isEqualTo("task");
  }
}
