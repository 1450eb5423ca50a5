package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.StateChange;
import dev.milepost.v1.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobCreateRuleTest {
  @Test
  void aNewJobIsQueued() {
    JobLife life = JobLife.queued();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.job().getId()).isEqualTo("job-1");
    assertThat(life.job().getTenantId()).isEqualTo("acme");
    assertThat(life.job().getUserId()).isEqualTo("ann");
    assertThat(life.job().getCreateTime()).isEqualTo(Times.timestamp(JobLife.START));
    assertThat(life.status().getQueueTime()).isEqualTo(Times.timestamp(JobLife.START));
    assertThat(life.status().getUpdateTime()).isEqualTo(Times.timestamp(JobLife.START));
    assertThat(life.status().getAttempt()).isZero();
    assertThat(life.status().hasStartTime()).isFalse();
    assertThat(life.record.getRevision()).isEqualTo(1);
    assertThat(life.record.hasWakeTime()).isFalse();
    assertThat(life.job().getEtag()).isNotEmpty();
    assertThat(life.lastStateChange())
        .isEqualTo(
            StateChange.newBuilder().setToState(JobState.JOB_STATE_QUEUED).setCause("ann").build());
  }

  @Test
  void fillsInDefaults() {
    var spec = JobLife.queued().job().getSpec();

    assertThat(spec.getScope()).isEqualTo(JobScope.JOB_SCOPE_ITEM_SET);
    assertThat(spec.getPriority()).isEqualTo(50);
    assertThat(spec.getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_API);
    assertThat(spec.getMaxRetries()).isEqualTo(3);
  }

  @Test
  void keepsExplicitValuesEvenIfZero() {
    var spec =
        JobLife.queued(
                JobLife.spec()
                    .setPriority(0)
                    .setMaxRetries(0)
                    .setProjectId("p1")
                    .setTrigger(JobTrigger.JOB_TRIGGER_MANUAL))
            .job()
            .getSpec();

    assertThat(spec.getScope()).isEqualTo(JobScope.JOB_SCOPE_PROJECT);
    assertThat(spec.getPriority()).isZero();
    assertThat(spec.hasPriority()).isTrue();
    assertThat(spec.getMaxRetries()).isZero();
    assertThat(spec.getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_MANUAL);
  }

  @Test
  void theWebhooksSecretIsKeptApartFromTheJob() {
    JobLife life =
        JobLife.queued(
            JobLife.spec()
                .setWebhook(Webhook.newBuilder().setUrl("https://a.example").setSecret("hush")));

    assertThat(life.record.getWebhookSecret()).isEqualTo("hush");
    assertThat(life.job().toString()).doesNotContain("hush");
    assertThat(life.job().getSpec().getWebhook().getUrl()).isEqualTo("https://a.example");
    assertThat(life.journal.toString()).doesNotContain("hush");
  }

  @Test
  void itemsAreCountedOnceById() {
    JobLife life =
        JobLife.created(
            JobLife.spec(),
            List.of(
                item("a", ItemState.ITEM_STATE_UNSPECIFIED),
                item("b", ItemState.ITEM_STATE_SKIPPED),
                item("a", ItemState.ITEM_STATE_DONE)));

    assertThat(life.status().getItemCounts())
        .isEqualTo(ItemCounts.newBuilder().setDone(1).setSkipped(1).build());
    assertThat(life.items).containsOnlyKeys("a", "b");
  }

  @Test
  void aDecisionContainsEachItemOnce() {
    var put =
        new JobRules(JobDefaults.STANDARD)
            .create(
                JobLife.newJob(JobLife.spec()),
                List.of(
                    item("a", ItemState.ITEM_STATE_DONE), item("a", ItemState.ITEM_STATE_FAILED)),
                ClockReading.at(JobLife.START));

    assertThat(put.items()).extracting(Item::getId).containsExactly("a");
    assertThat(put.items().get(0).getState()).isEqualTo(ItemState.ITEM_STATE_FAILED);
  }

  @Test
  void createAndStartIsOneDecision() {
    JobRules rules = new JobRules(JobDefaults.STANDARD);

    var put =
        rules.createAndStart(
            JobLife.newJob(JobLife.spec()),
            List.of(item("a", ItemState.ITEM_STATE_PENDING)),
            new JobCommand.Claim("worker", "token"),
            ClockReading.at(JobLife.START));

    var status = put.record().getJob().getStatus();
    assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(status.getAttempt()).isEqualTo(1);
    assertThat(put.record().getAttemptToken()).isEqualTo("token");
    assertThat(put.record().getRevision()).isEqualTo(1);
    assertThat(put.entries())
        .extracting(entry -> entry.getSequence(), entry -> entry.getStateChange().getToState())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, JobState.JOB_STATE_QUEUED),
            org.assertj.core.groups.Tuple.tuple(2L, JobState.JOB_STATE_RUNNING));
    assertThat(status.getItemCounts().getPending()).isEqualTo(1);
    assertThat(put.record().getWakeTime())
        .isEqualTo(Times.timestamp(JobLife.START.plusSeconds(30)));
  }

  @Test
  void aJobWithADelayedStartCannotStartImmediately() {
    JobRules rules = new JobRules(JobDefaults.STANDARD);
    var spec = JobLife.spec().setNotBeforeTime(Times.timestamp(JobLife.START.plusSeconds(1)));

    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(
            () ->
                rules.createAndStart(
                    JobLife.newJob(spec),
                    List.of(),
                    new JobCommand.Claim("worker", "token"),
                    ClockReading.at(JobLife.START)))
        .satisfies(
            refusal ->
                assertThat(refusal.violations().get(0).field()).isEqualTo("spec.not_before_time"));
  }

  @Test
  void timesAreTruncatedToThePrecisionOfStores() {
    Instant fine = JobLife.START.plusNanos(1_999);
    var put =
        new JobRules(JobDefaults.STANDARD)
            .create(JobLife.newJob(JobLife.spec()), List.of(), ClockReading.at(fine));

    assertThat(Times.instant(put.record().getJob().getCreateTime()))
        .isEqualTo(JobLife.START.plus(Duration.ofNanos(1_000)));
  }

  private static Item item(String id, ItemState state) {
    return Item.newBuilder().setId(id).setState(state).build();
  }
}
