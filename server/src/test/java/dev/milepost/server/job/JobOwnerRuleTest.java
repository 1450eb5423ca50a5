package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.FieldMask;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Webhook;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobOwnerRuleTest {
  @Test
  void setsOnlyTheFieldsThatTheMaskNames() {
    JobLife life = JobLife.queued(JobLife.spec().putLabels("team", "a").setDisplayName("Old"));

    update(life, spec().setDisplayName("New").setPriority(9).putLabels("x", "y"), "display_name");

    assertThat(life.job().getSpec().getDisplayName()).isEqualTo("New");
    assertThat(life.job().getSpec().getPriority()).isEqualTo(50);
    assertThat(life.job().getSpec().getLabelsMap()).containsOnlyKeys("team");
  }

  @Test
  void setsEveryMutableField() {
    JobLife life = JobLife.queued();
    var expire = Times.timestamp(life.now.plusSeconds(60));

    update(
        life,
        spec()
            .putLabels("team", "b")
            .setMetadata(JobLife.struct("note", "n"))
            .setPriority(0)
            .setDisplayName("New")
            .setExpireTime(expire)
            .setWebhook(Webhook.newBuilder().setUrl("https://a.example").setSecret("hush")),
        UpdateMask.MUTABLE.toArray(String[]::new));

    JobSpec spec = life.job().getSpec();
    assertThat(spec.getLabelsMap()).containsEntry("team", "b");
    assertThat(spec.getMetadata()).isEqualTo(JobLife.struct("note", "n"));
    assertThat(spec.getPriority()).isZero();
    assertThat(spec.getDisplayName()).isEqualTo("New");
    assertThat(spec.getExpireTime()).isEqualTo(expire);
    assertThat(spec.getWebhook())
        .isEqualTo(Webhook.newBuilder().setUrl("https://a.example").build());
    assertThat(life.record.getWebhookSecret()).isEqualTo("hush");
    assertThat(life.wakeTime()).as("the expiry").isEqualTo(life.now.plusSeconds(60));
  }

  @Test
  void leavingAFieldOutClearsIt() {
    JobLife life =
        JobLife.queued(
            JobLife.spec()
                .putLabels("team", "a")
                .setMetadata(JobLife.struct("note", "n"))
                .setPriority(7)
                .setDisplayName("Old")
                .setExpireTime(Times.timestamp(JobLife.START.plusSeconds(60)))
                .setWebhook(Webhook.newBuilder().setUrl("https://a.example").setSecret("hush")));

    update(life, spec(), UpdateMask.MUTABLE.toArray(String[]::new));

    assertThat(life.job().getSpec()).isEqualTo(JobLife.queued().job().getSpec());
    assertThat(life.record.getWebhookSecret()).isEmpty();
    assertThat(life.record.hasWakeTime()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"type", "params", "project_id", "spec.labels", "labels.", "params.a", "*", ""})
  void refusesImmutableFields(String path) {
    JobLife life = JobLife.queued();

    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> update(life, spec(), "labels", path))
        .satisfies(
            refusal -> assertThat(refusal.violations().get(0).field()).isEqualTo("update_mask"));
  }

  @Test
  void anEmptyMaskMeansTheFieldsThatAreSet() {
    JobLife life = JobLife.queued(spec().setDisplayName("Old").putLabels("team", "a"));

    update(life, spec().setPriority(1).setDisplayName("New"));

    assertThat(life.job().getSpec().getPriority()).isEqualTo(1);
    assertThat(life.job().getSpec().getDisplayName()).isEqualTo("New");
    assertThat(life.job().getSpec().getLabelsMap()).containsOnly(entry("team", "a"));
  }

  @Test
  void refusesAnEmptyMaskIfNothingIsSet() {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> update(JobLife.queued(), spec()))
        .withMessageContaining("update_mask");
  }

  @Test
  void changesSingleLabelsAndEntriesOfTheMetadata() {
    JobLife life =
        JobLife.queued(
            spec()
                .putLabels("a", "1")
                .putLabels("b.c", "2")
                .putLabels("d", "3")
                .setMetadata(JobLife.struct("note", "n")));

    update(
        life,
        spec().putLabels("a", "9").putLabels("d", "ignored").setMetadata(JobLife.struct("x", "y")),
        "labels.a",
        "labels.b.c",
        "labels.none",
        "metadata.x",
        "metadata.note");

    assertThat(life.job().getSpec().getLabelsMap()).containsOnly(entry("a", "9"), entry("d", "3"));
    assertThat(life.job().getSpec().getMetadata()).isEqualTo(JobLife.struct("x", "y"));
  }

  @Test
  void singleEntriesAreHeldToTheLimitsOfTheWhole() {
    JobSpec.Builder full = spec();
    for (int i = 0; i < 64; i++) {
      full.putLabels("k" + i, "v");
    }
    JobLife life = JobLife.queued(full);

    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> update(life, spec().putLabels("one", "more"), "labels.one"))
        .withMessageContaining("spec.labels");
    assertThat(life.job().getSpec().getLabelsMap()).hasSize(64);
  }

  @Test
  void theEtagChangesWithTheSpecOnly() {
    JobLife life = JobLife.running();
    String etag = life.job().getEtag();

    life.report(JobLife.progress(1, 2));
    assertThat(life.job().getEtag()).isEqualTo(etag);

    update(life, spec().setDisplayName("New"), "display_name");
    assertThat(life.job().getEtag()).isNotEqualTo(etag);
  }

  @Test
  void theSameValuesAreNoChange() {
    JobLife life = JobLife.queued();
    update(life, spec().setDisplayName("New"), "display_name");
    var before = life.record;

    assertThat(update(life.after(1), spec().setDisplayName("New"), "display_name"))
        .isEqualTo(new JobDecision.Keep(before));
  }

  @Test
  void aNewSecretAloneIsAChange() {
    JobLife life = JobLife.queued();
    Webhook.Builder webhook = Webhook.newBuilder().setUrl("https://a.example");
    update(life, spec().setWebhook(webhook.setSecret("one")), "webhook");
    String etag = life.job().getEtag();

    update(life, spec().setWebhook(webhook.setSecret("two")), "webhook");
    assertThat(life.job().getEtag()).isNotEqualTo(etag);
    assertThat(life.record.getWebhookSecret()).isEqualTo("two");

    update(
        life,
        spec().setWebhook(webhook.clearSecret().addStates(JobState.JOB_STATE_FAILED)),
        "webhook");
    assertThat(life.record.getWebhookSecret()).as("kept if left out").isEqualTo("two");
    assertThat(life.job().toString()).doesNotContain("two");
  }

  @Test
  void anEtagMakesAChangeConditional() {
    JobLife life = JobLife.queued();
    String etag = life.job().getEtag();
    run(life, spec().setDisplayName("New"), etag, "display_name");

    assertThatExceptionOfType(Refusal.EtagMismatch.class)
        .isThrownBy(() -> run(life, spec().setDisplayName("Newer"), etag, "display_name"));
    assertThatExceptionOfType(Refusal.EtagMismatch.class)
        .isThrownBy(() -> life.run(new JobCommand.Delete(etag)));
    assertThat(life.gone).isFalse();

    assertThat(life.run(new JobCommand.Delete(life.job().getEtag())))
        .isEqualTo(new JobDecision.Remove(JobLife.KEY));
  }

  @Test
  void aDeletionOfFinishedJobsDoesNotDeleteQueuedOnes() {
    JobLife life = JobLife.queued();
    JobCommand delete = new JobCommand.Delete("", true);

    assertThatExceptionOfType(Refusal.JobNotFinished.class)
        .isThrownBy(() -> life.run(delete))
        .withMessageContaining("QUEUED")
        .withMessageContaining("cancel it first");
    assertThat(life.gone).isFalse();

    life.run(new JobCommand.Cancel("ann", "", null));
    assertThat(life.run(delete)).isEqualTo(new JobDecision.Remove(JobLife.KEY));
  }

  private static JobSpec.Builder spec() {
    return JobSpec.newBuilder();
  }

  private static JobDecision update(JobLife life, JobSpec.Builder spec, String... paths) {
    return run(life, spec, "", paths);
  }

  private static JobDecision run(JobLife life, JobSpec.Builder spec, String etag, String... paths) {
    FieldMask mask = FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    return life.run(new JobCommand.Update(spec.build(), mask, etag));
  }
}
