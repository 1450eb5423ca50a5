package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.Stage;
import dev.milepost.v1.Webhook;
import dev.milepost.v1.WebhookDelivery;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The largest job that the limits of the fields allow, all of them used up, has at most 1 MiB. */
class JobSizeTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final String USER = "t".repeat(128) + " " + "u".repeat(128);

  /** Four bytes in UTF-8. */
  private static String wide(int characters) {
    return "\uD83D\uDE00".repeat(characters);
  }

  private static String numbered(int characters, int number) {
    return wide(characters - 3) + String.format("%03d", number);
  }

  private static Struct encoded(int bytes) {
    for (int length = bytes - 24; length <= bytes; length++) {
      Struct struct = JobLife.struct("k", "x".repeat(length));
      if (struct.getSerializedSize() == bytes) {
        return struct;
      }
    }
    throw new IllegalArgumentException("no struct of that shape takes " + bytes + " bytes");
  }

  private static JobSpec largestSpec() {
    Duration long1 = Duration.newBuilder().setSeconds(31_622_399).setNanos(999_999_999).build();
    Duration day = Duration.newBuilder().setSeconds(86_399).setNanos(999_999_999).build();
    JobSpec.Builder spec =
        JobSpec.newBuilder()
            .setType("t".repeat(128))
            .setDisplayName(wide(256))
            .setScope(JobScope.JOB_SCOPE_PROJECT)
            .setProjectId(wide(128))
            .setPriority(100)
            .setMaxRetries(100)
            .setParams(encoded(262_144))
            .setMetadata(encoded(65_536))
            .setAlgorithmVersion(wide(64))
            .setRetryBackoff(
                RetryBackoff.newBuilder().setInitial(day).setMax(day).setMultiplier(1.5))
            .setTimeouts(
                JobTimeouts.newBuilder()
                    .setQueue(long1)
                    .setAttempt(long1)
                    .setTotal(long1)
                    .setLease(long1)
                    .setCancelGrace(long1)
                    .setStallAfter(long1))
            .setExpireTime(Times.timestamp(JobLife.START.plusSeconds(1_000_000_000)))
            .setWebhook(
                Webhook.newBuilder()
                    .setUrl("https://a.example/" + "\u6f22".repeat(2_048 - 18))
                    .setSecret(wide(256))
                    .addAllStates(
                        List.of(JobState.values()).subList(1, 1 + JobFilters.MAX_STATES)));
    IntStream.range(0, 64).forEach(i -> spec.putLabels(numbered(63, i), wide(256)));
    FieldChecks violations = new FieldChecks();
    SpecValidation.spec(violations, spec.build());
    violations.orThrow();
    return spec.build();
  }

  private static Report largestReport() {
    Progress.Builder progress =
        Progress.newBuilder()
            .setCurrent(Long.MAX_VALUE - 1)
            .setTotal(Long.MAX_VALUE)
            .setSucceeded(Long.MAX_VALUE)
            .setFailed(Long.MAX_VALUE)
            .setSkipped(Long.MAX_VALUE)
            .setUnit(wide(64))
            .setMessage(wide(1_024));
    Report.Builder report =
        Report.newBuilder()
            .setStage(Stage.newBuilder().setName(wide(256)).setDetail(wide(1_024)))
            .setCheckpoint(encoded(65_536));
    for (int i = 0; i < 100; i++) {
      progress
          .addSubOperationsBuilder()
          .setId(numbered(64, i))
          .setDisplayName(wide(256))
          .setWeight(0.7)
          .setFraction(0.3);
    }
    IntStream.range(0, 64).forEach(i -> report.putOutcomeValues(numbered(64, i), Long.MIN_VALUE));
    Report largest = report.setProgress(progress).build();
    FieldChecks violations = new FieldChecks();
    ReportValidation.report(violations, largest);
    violations.orThrow();
    return largest;
  }

  private static JobError largestError() {
    return ReportValidation.cut(
        JobError.newBuilder()
            .setCode("A".repeat(64))
            .setMessage(wide(5_000))
            .setDetails(encoded(16_384))
            .setStackTrace(wide(20_000))
            .setRetryable(true)
            .build());
  }

  @Test
  void aJobWithEverythingAtItsLimit() {
    JobLife life = JobLife.queued(largestSpec().toBuilder());
    JobRecord.Builder owned = life.record.toBuilder();
    owned.getJobBuilder().setId("j".repeat(128)).setTenantId("t".repeat(128)).setUserId(USER);
    life.record = owned.build();
    for (int attempt = 0; attempt < 40; attempt++) {
      life.after(86_400);
      life.run(new JobCommand.Tick());
      String token = "token-of-sixty-four-characters-".repeat(2) + attempt;
      life.run(new JobCommand.Claim(wide(128), token));
      life.run(new JobCommand.ReportProgress(token, largestReport(), Map.of()));
      if (attempt == 39) {
        life.run(new JobCommand.Cancel(USER, wide(1_024), null));
      }
      life.run(new JobCommand.Fail(token, Report.getDefaultInstance(), Map.of(), largestError()));
      for (WebhookDelivery delivery : life.status().getWebhookDeliveriesList()) {
        life.take(
            life.rules.webhookTried(
                life.record,
                delivery.getId(),
                new WebhookResult.Failed(599, wide(1_000)),
                life.clock()));
      }
    }

    assertThat(life.status().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().getAttemptsCount()).isEqualTo(10);
    assertThat(life.record.getSerializedSize()).isBetween(MEBIBYTE / 2, MEBIBYTE);
    // What else a job can have: the most of pending deliveries, and a result instead of an error.
    JobRecord.Builder more = life.record.toBuilder();
    WebhookDelivery delivery = life.status().getWebhookDeliveries(0);
    while (more.getJob().getStatus().getWebhookDeliveriesCount() < 64) {
      more.getJobBuilder().getStatusBuilder().addWebhookDeliveries(delivery);
    }
    more.getJobBuilder().getStatusBuilder().setResult(encoded(65_536));
    assertThat(more.build().getSerializedSize()).isLessThan(MEBIBYTE);
  }

  @Test
  void noMoreThan64DeliveriesArePending() {
    JobLife life =
        JobLife.queued(
            JobLife.spec()
                .setMaxRetries(100)
                .setWebhook(
                    Webhook.newBuilder()
                        .setUrl("https://a.example/")
                        .addStates(JobState.JOB_STATE_RUNNING)));
    for (int attempt = 0; attempt < 70; attempt++) {
      life.after(600);
      life.run(new JobCommand.Tick());
      life.claim();
      life.fail(JobLife.FLAKY);
    }
    assertThat(life.status().getWebhookDeliveriesCount()).isEqualTo(64);
  }

  @Test
  void aTaskOfAHundredStepsWithEverythingAtItsLimit() {
    List<StepRecord> steps =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    StepRecord.newBuilder()
                        .setName(numbered(64, i))
                        .setJobId("00000000-0000-0000-0000-000000000000")
                        .setSpec(
                            JobSpec.newBuilder()
                                .setType("t".repeat(128))
                                .setDisplayName(wide(256))
                                .setPriority(100)
                                .setMaxRetries(100)
                                .setParams(encoded(655)))
                        .build())
            .toList();
    NewJob task =
        new NewJob(new JobKey("t".repeat(128), "j".repeat(128)), USER, USER, "", "", largestSpec());
    JobRules rules = new JobRules(JobDefaults.STANDARD);
    JobRecord started =
        ((JobDecision.Put)
                rules.startTask(task, steps, List.of(), ClockReading.at(JobLife.START)).get(0))
            .record();
    JobRecord.Builder ended = started.toBuilder();
    ended
        .getJobBuilder()
        .getStatusBuilder()
        .setError(largestError())
        .setResult(encoded(65_536))
        .getCancelBuilder()
        .setRequestedBy(USER)
        .setReason(wide(1_024));
    WebhookDelivery delivery =
        started.getJob().getStatus().getWebhookDeliveries(0).toBuilder()
            .setError(wide(256))
            .build();
    for (int i = 0; i < 64; i++) {
      ended.getJobBuilder().getStatusBuilder().addWebhookDeliveries(delivery);
    }
    assertThat(ended.build().getSerializedSize()).isBetween(MEBIBYTE / 2, MEBIBYTE);
    assertThat(TaskSteps.spec(task.spec(), steps.get(1)).getLabelsMap())
        .isEqualTo(task.spec().getLabelsMap());
  }
}
