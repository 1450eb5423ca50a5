package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.Report;
import dev.milepost.v1.Webhook;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How failed items are retried. */
class RetryItemsRuleTest {
  private static final JobKey NEW = new JobKey("acme", "job-2");

  private static JobLife withAFailedItem(JobSpec.Builder spec) {
    JobLife life =
        JobLife.created(
            spec,
            List.of(
                Item.newBuilder()
                    .setId("a")
                    .setProjectId("p1")
                    .setData(JobLife.struct("k", "v"))
                    .build(),
                Item.newBuilder().setId("b").build()));
    life.claim();
    life.report(
        Report.newBuilder()
            .addItems(
                Item.newBuilder()
                    .setId("a")
                    .setState(ItemState.ITEM_STATE_FAILED)
                    .setMessage("broken"))
            .addItems(Item.newBuilder().setId("b").setState(ItemState.ITEM_STATE_DONE)));
    return life;
  }

  private static JobDecision.Put retry(JobLife life) {
    List<Item> failed =
        life.items.values().stream()
            .filter(item -> item.getState() == ItemState.ITEM_STATE_FAILED)
            .toList();
    return life.rules.retryFailedItems(life.record, failed, NEW, "bob", life.clock());
  }

  @Test
  void failedItemsBecomeANewJobWithTheSameSpec() {
    JobLife life =
        withAFailedItem(
            JobLife.spec()
                .setProjectId("p1")
                .setPriority(70)
                .setParams(JobLife.struct("size", "big"))
                .putLabels("team", "a")
                .setTrigger(JobTrigger.JOB_TRIGGER_SCHEDULE)
                .setNotBeforeTime(Times.timestamp(JobLife.START))
                .setExpireTime(Times.timestamp(JobLife.START.plusSeconds(900)))
                .setWebhook(Webhook.newBuilder().setUrl("https://h.example").setSecret("s")));
    life.complete();
    JobRecord before = life.record;

    JobDecision.Put put = retry(life.after(60));

    assertThat(life.record).isEqualTo(before);
    JobRecord made = put.record();
    assertThat(made.getJob().getId()).isEqualTo("job-2");
    assertThat(made.getJob().getUserId()).isEqualTo("ann");
    assertThat(made.getJob().getRetriedJobId()).isEqualTo(JobLife.KEY.jobId());
    assertThat(made.getJob().getParentId()).isEmpty();
    assertThat(made.getJob().getCreateTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(made.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(made.getJob().getSpec())
        .isEqualTo(
            before.getJob().getSpec().toBuilder()
                .setTrigger(JobTrigger.JOB_TRIGGER_RETRY)
                .clearNotBeforeTime()
                .clearExpireTime()
                .build());
    assertThat(made.getWebhookSecret()).isEqualTo("s");
    assertThat(put.entries().get(0).getStateChange().getCause()).isEqualTo("bob");
    assertThat(put.items())
        .containsExactly(
            Item.newBuilder()
                .setId("a")
                .setProjectId("p1")
                .setData(JobLife.struct("k", "v"))
                .setState(ItemState.ITEM_STATE_PENDING)
                .setUpdateTime(Times.timestamp(life.now))
                .build());
    assertThat(made.getJob().getStatus().getItemCounts().getPending()).isEqualTo(1);
    assertThat(made.getJob().getStatus().getItemCounts().getFailed()).isZero();
  }

  @Test
  void theRetryOfAChildHasNoParent() {
    JobLife life = withAFailedItem(JobLife.spec());
    life.complete();
    JobRecord.Builder part = life.record.toBuilder();
    part.getJobBuilder().setParentId("batch-1").setStep("two");
    life.record = part.build();
    assertThat(retry(life).record().getJob().getParentId()).isEmpty();
    assertThat(retry(life).record().getJob().getStep()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = JobState.class,
      names = {"JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"})
  void anyFinishedJobCanBeRetried(JobState state) {
    JobLife life = withAFailedItem(JobLife.spec());
    if (state == JobState.JOB_STATE_SUCCEEDED) {
      life.complete();
    } else if (state == JobState.JOB_STATE_FAILED) {
      life.fail(JobLife.BROKEN);
    } else {
      life.cancel("stop");
      life.confirmCancel();
    }
    assertThat(life.state()).isEqualTo(state);
    assertThat(retry(life).items()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = JobState.class,
      names = {"JOB_STATE_QUEUED", "JOB_STATE_RUNNING", "JOB_STATE_CANCELLING"})
  void anUnfinishedJobIsRefused(JobState state) {
    JobLife life = JobLife.in(state);
    assertThatExceptionOfType(Refusal.JobNotFinished.class)
        .isThrownBy(() -> retry(life))
        .satisfies(refusal -> assertThat(refusal.state()).isEqualTo(state));
  }

  @Test
  void aJobWithoutFailedItemsIsRefused() {
    JobLife life = JobLife.in(JobState.JOB_STATE_FAILED);
    assertThatExceptionOfType(Refusal.NoFailedItems.class).isThrownBy(() -> retry(life));
  }
}
