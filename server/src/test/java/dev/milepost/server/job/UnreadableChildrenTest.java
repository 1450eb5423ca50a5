package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.SubOperationState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a parent whose child cannot be read. */
class UnreadableChildrenTest {
  private static final JobKey PARENT = key("parent");
  private static final ClockReading CLOCK = ClockReading.at(JobLife.START);

  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final Map<JobKey, JobRecord> jobs = new HashMap<>();
  private final List<JournalEntry> entries = new ArrayList<>();
  private final List<JobKey> markedFailed = new ArrayList<>();

  private final DecisionContext context =
      new DecisionContext() {
        @Override
        public ClockReading clock() {
          return CLOCK;
        }

        @Override
        public Optional<JobRecord> jobOrParent(JobKey key) {
          return Optional.ofNullable(jobs.get(key));
        }
      };

  private static JobKey key(String id) {
    return new JobKey("acme", id);
  }

  private void take(List<JobDecision> decisions) {
    for (JobDecision decision : decisions) {
      if (decision instanceof JobDecision.Put put) {
        jobs.put(put.key(), put.record());
        if (put.key().equals(PARENT)) {
          entries.addAll(put.entries());
        }
      } else if (decision instanceof JobDecision.Remove) {
        jobs.remove(decision.key());
      } else if (decision instanceof JobDecision.MarkFailed) {
        markedFailed.add(decision.key());
      }
    }
  }

  private static NewJob newParent(String type) {
    return new NewJob(PARENT, "ann", "ann", "", "", JobLife.spec().setType(type).build());
  }

  private JobStatus parent() {
    return jobs.get(PARENT).getJob().getStatus();
  }

  /** A batch of two children, released to the workers. */
  private void sealedBatch() {
    take(List.of(rules.batches().open(newParent("batch"), "", CLOCK)));
    for (String child : List.of("c0", "c1")) {
      List<Item> items = List.of(Item.newBuilder().setId("i").build());
      take(rules.batches().add(jobs.get(PARENT), key(child), items, CLOCK));
    }
    take(List.of(rules.batches().seal(jobs.get(PARENT), CLOCK)));
    work(List.of(jobs.get(key("c0")), jobs.get(key("c1"))), List.of());
  }

  private void task() {
    List<StepRecord> steps =
        List.of("c0", "c1").stream()
            .map(
                id ->
                    StepRecord.newBuilder()
                        .setName("step-" + id)
                        .setJobId(id)
                        .setSpec(JobLife.spec())
                        .build())
            .toList();
    List<Item> items = List.of(Item.newBuilder().setId("i").build());
    take(rules.startTask(newParent("task:t"), steps, items, CLOCK));
  }

  /** Does all pending work on the children at once. */
  private void work(List<JobRecord> children, List<Job> unreadable) {
    JobRecord parent = jobs.get(PARENT);
    take(
        rules
            .childSlices()
            .change(
                parent,
                parent.getParentRecord().getWork(),
                children,
                unreadable,
                Optional.empty(),
                CLOCK));
  }

  private void apply(JobKey key, JobCommand command) {
    take(rules.decide(jobs.get(key), command, context).all());
  }

  private void complete(String id) {
    apply(key(id), new JobCommand.Claim("w", "t"));
    apply(
        key(id),
        new JobCommand.Complete(
            "t", Report.getDefaultInstance(), Map.of(), Struct.getDefaultInstance()));
  }

  /** Damages a child, and returns what a store still knows of it. */
  private Job damage(String id) {
    Job job = jobs.remove(key(id)).getJob();
    return Job.newBuilder()
        .setTenantId("acme")
        .setId(id)
        .setUserId("ann")
        .setParentId(job.getParentId())
        .setStatus(JobStatus.newBuilder().setState(job.getStatus().getState()))
        .build();
  }

  private void delete(Job known) {
    take(rules.unreadableChildren().remove(known, context));
  }

  @Test
  void aDeletedChildOfABatchCountsAsFailed() {
    sealedBatch();
    apply(key("c0"), new JobCommand.Claim("w", "t"));

    delete(damage("c0"));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(parent().getChildCounts())
        .isEqualTo(ChildCounts.newBuilder().setQueued(1).setFailed(1).build());
    assertThat(entries.get(entries.size() - 1).getLog().getLevel())
        .isEqualTo(LogLevel.LOG_LEVEL_WARNING);
    assertThat(entries.get(entries.size() - 1).getLog().getMessage()).contains("c0", "damaged");

    complete("c1");

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(parent().getError().getCode()).isEqualTo("CHILD_FAILED");
    assertThat(parent().getError().getMessage()).startsWith("1 of 2 children failed.");
  }

  @Test
  void theLastChildThatIsDeletedEndsTheBatch() {
    sealedBatch();
    complete("c1");

    delete(damage("c0"));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(parent().getError().getMessage())
        .isEqualTo(
            "1 of 2 children failed. The last one, c0: Its record is damaged in the store and"
                + " cannot be read.");
  }

  @Test
  void aDeletedStepEndsTheTask() {
    task();

    delete(damage("c0"));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(parent().getError().getMessage()).contains("step-c0", "damaged");
    assertThat(parent().getProgress().getSubOperations(0).getState())
        .isEqualTo(SubOperationState.SUB_OPERATION_STATE_FAILED);
  }

  @Test
  void aFinishedChildIsNotCountedAgain() {
    sealedBatch();
    complete("c0");
    JobStatus before = parent();

    delete(damage("c0"));

    assertThat(parent()).isEqualTo(before);
    complete("c1");
    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aChildOfUnknownStateCountsToo() {
    sealedBatch();
    complete("c1");

    delete(damage("c0").toBuilder().clearStatus().build());

    assertThat(parent().getChildCounts())
        .isEqualTo(ChildCounts.newBuilder().setSucceeded(1).setFailed(1).build());
    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
  }

  @Test
  void aParentCanBeCancelledAndRetried() {
    sealedBatch();
    apply(PARENT, new JobCommand.Cancel("ann", "enough", null));
    Job c0 = damage("c0");

    work(List.of(jobs.get(key("c1"))), List.of(c0));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(markedFailed).containsExactly(key("c0"));

    apply(PARENT, new JobCommand.Retry("ann"));
    Job failed =
        c0.toBuilder()
            .setStatus(JobStatus.newBuilder().setState(JobState.JOB_STATE_FAILED))
            .build();
    work(List.of(jobs.get(key("c1"))), List.of(failed));
    assertThat(markedFailed).as("it is counted once").containsExactly(key("c0"));
    complete("c1");
    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
  }

  @Test
  void aChildIsEndedOnce() {
    sealedBatch();
    Job c0 = damage("c0");

    take(rules.unreadableChildren().fail(c0, context));

    assertThat(markedFailed).containsExactly(key("c0"));
    assertThat(parent().getChildCounts().getFailed()).isEqualTo(1);
    Job failed =
        c0.toBuilder()
            .setStatus(JobStatus.newBuilder().setState(JobState.JOB_STATE_FAILED))
            .build();
    assertThat(rules.unreadableChildren().fail(failed, context)).isEmpty();
    assertThat(rules.unreadableChildren().remove(failed, context))
        .containsExactly(new JobDecision.Remove(key("c0")));
  }

  @Test
  void aJobWithoutParentIsOnlyDeleted() {
    Job alone = Job.newBuilder().setTenantId("acme").setId("alone").build();
    Job orphan = alone.toBuilder().setParentId("gone").build();

    assertThat(rules.unreadableChildren().fail(alone, context)).isEmpty();
    assertThat(rules.unreadableChildren().fail(orphan, context)).isEmpty();
    assertThat(rules.unreadableChildren().remove(orphan, context))
        .containsExactly(new JobDecision.Remove(key("alone")));
  }

  @Test
  void aStepThatCannotReceiveItsItemsEndsTheTask() {
    task();
    complete("c0");
    JobRecord task = jobs.get(PARENT);
    assertThat(task.getParentRecord().getWork().getKind())
        .isEqualTo(ChildWorkKind.CHILD_WORK_KIND_PASS_ITEMS);
    Job c1 = damage("c1");

    take(
        rules
            .childSlices()
            .stopPassing(task, task.getParentRecord().getWork(), Optional.of(c1), CLOCK));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(jobs.get(PARENT).getParentRecord().hasWork()).isFalse();
    assertThat(markedFailed).containsExactly(key("c1"));
  }

  @Test
  void aDeletedStepReceivesNoItems() {
    task();
    complete("c0");

    delete(damage("c1"));

    assertThat(parent().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(jobs.get(PARENT).getParentRecord().hasWork()).isFalse();
  }
}
