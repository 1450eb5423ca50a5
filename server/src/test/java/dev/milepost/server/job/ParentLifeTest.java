package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Report;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random lives of a batch and of a task: after every step the parent equals what its children add
 * up to.
 */
class ParentLifeTest {
  private static final JobKey PARENT = new JobKey("acme", "parent");
  private static final int STEPS = 300;
  private static final int CHILDREN = 6;

  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final Map<JobKey, JobRecord> jobs = new LinkedHashMap<>();
  private final Map<JobKey, Map<String, Item>> items = new LinkedHashMap<>();
  private Instant now = JobLife.START;
  private int tokens;

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aBatchReflectsItsChildren(int seed) {
    take(List.of(rules.batches().open(parent("batch"), "", clock())));
    for (int i = 0; i < CHILDREN; i++) {
      take(rules.batches().add(parent(), key("c" + i), someItems(1 + i), clock()));
    }
    take(List.of(rules.batches().seal(parent(), clock())));
    live(new Random(seed));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aTaskReflectsItsSteps(int seed) {
    startTask(seed % 3);
    live(new Random(seed));
  }

  private void startTask(int withItems) {
    List<StepRecord> steps =
        IntStream.range(0, CHILDREN)
            .mapToObj(
                i ->
                    StepRecord.newBuilder()
                        .setName("step" + i)
                        .setJobId("c" + i)
                        .setSpec(JobLife.spec())
                        .build())
            .toList();
    take(rules.startTask(parent("task:t"), steps, someItems(withItems), clock()));
  }

  /** The task is cancelled while items are passed on, and retried in other slices. */
  @Test
  void aStepWithoutAllItemsReceivesThemWhenItsTaskIsRetried() {
    startTask(3);
    finish("c0");
    take(
        rules
            .childSlices()
            .passItems(
                parent(),
                parent().getParentRecord().getWork(),
                jobs.get(key("c1")),
                List.copyOf(items.get(key("c0")).values()).subList(0, 1),
                Map.of(),
                Optional.of("i0"),
                clock()));
    apply(PARENT, new JobCommand.Cancel("ann", "stop", null));
    slice(2, Optional.empty());
    apply(PARENT, new JobCommand.Retry("ann"));
    slice(2, Optional.of("2"));
    slice(0, Optional.empty());
    assertThat(JobRecords.isClaimable(jobs.get(key("c1"))))
        .as("not all items have arrived")
        .isFalse();

    Random random = new Random(1);
    while (parent().getParentRecord().hasWork()) {
      slice(random);
    }

    assertThat(JobRecords.isClaimable(jobs.get(key("c1")))).isTrue();
    assertThat(items.get(key("c1"))).hasSize(3);
  }

  /** The step has all items and has started, so its reports on them are kept. */
  @Test
  void aStepWithAllItemsKeepsThem() {
    startTask(2);
    finish("c0");
    Random random = new Random(1);
    while (parent().getParentRecord().hasWork()) {
      slice(random);
    }
    apply(key("c1"), new JobCommand.Claim("w", "t"));
    Report done =
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i0").setState(ItemState.ITEM_STATE_DONE))
            .build();
    apply(key("c1"), new JobCommand.Fail("t", done, items.get(key("c1")), JobLife.BROKEN));
    apply(PARENT, new JobCommand.Retry("ann"));
    while (parent().getParentRecord().hasWork()) {
      slice(random);
    }

    assertThat(JobRecords.isClaimable(jobs.get(key("c1")))).isTrue();
    assertThat(items.get(key("c1")).get("i0").getState()).isEqualTo(ItemState.ITEM_STATE_DONE);
  }

  private void finish(String id) {
    apply(key(id), new JobCommand.Claim("w", "t"));
    apply(
        key(id),
        new JobCommand.Complete(
            "t", Report.getDefaultInstance(), Map.of(), Struct.getDefaultInstance()));
  }

  /** A slice of the first children. */
  private void slice(int children, Optional<String> next) {
    List<JobRecord> slice =
        jobs.values().stream()
            .filter(job -> !JobKey.of(job).equals(PARENT))
            .limit(children)
            .toList();
    take(
        rules
            .childSlices()
            .change(
                parent(), parent().getParentRecord().getWork(), slice, List.of(), next, clock()));
  }

  private static JobKey key(String id) {
    return new JobKey("acme", id);
  }

  private static NewJob parent(String type) {
    return new NewJob(PARENT, "ann", "ann", "", "", JobLife.spec().setType(type).build());
  }

  private JobRecord parent() {
    return jobs.get(PARENT);
  }

  private static List<Item> someItems(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Item.newBuilder().setId("i" + i).build())
        .toList();
  }

  private void live(Random random) {
    check();
    for (int step = 0; step < STEPS && jobs.containsKey(PARENT); step++) {
      now = now.plus(Duration.ofSeconds(random.nextInt(3)));
      try {
        step(random);
      } catch (Refusal e) {
        // Commands that are not allowed are expected.
      }
      if (jobs.containsKey(PARENT)) {
        check();
      } else {
        assertThat(jobs).as("a parent is deleted last").isEmpty();
      }
    }
  }

  private void step(Random random) {
    int dice = random.nextInt(100);
    if (dice < 20) {
      slice(random);
    } else if (dice < 22) {
      apply(PARENT, new JobCommand.Cancel("ann", "stop", null));
    } else if (dice < 26) {
      apply(PARENT, new JobCommand.Retry("ann"));
    } else if (dice == 26 && random.nextInt(4) == 0) {
      apply(PARENT, new JobCommand.Delete(""));
    } else if (dice < 30) {
      apply(PARENT, new JobCommand.Tick());
    } else {
      child(random, random.nextInt(100));
    }
  }

  private void child(Random random, int dice) {
    List<JobKey> children = jobs.keySet().stream().filter(key -> !key.equals(PARENT)).toList();
    if (children.isEmpty()) {
      return;
    }
    JobKey key = children.get(random.nextInt(children.size()));
    String token = jobs.get(key).getAttemptToken();
    Struct result = JobLife.struct("k", "v");
    if (dice < 25) {
      apply(key, new JobCommand.Claim("w", "t" + ++tokens));
    } else if (dice < 50) {
      apply(key, new JobCommand.Complete(token, report(key, random), items.get(key), result));
    } else if (dice < 60) {
      boolean retryable = random.nextBoolean();
      apply(
          key,
          new JobCommand.Fail(
              token,
              report(key, random),
              items.get(key),
              retryable ? JobLife.FLAKY : JobLife.BROKEN));
    } else if (dice < 80) {
      apply(key, new JobCommand.ReportProgress(token, report(key, random), items.get(key)));
    } else if (dice < 83) {
      apply(key, new JobCommand.Cancel("ann", "not this one", null));
    } else if (dice < 88) {
      apply(key, new JobCommand.Retry("ann"));
    } else if (dice < 91) {
      apply(key, new JobCommand.Release(token, report(key, random), items.get(key), ""));
    } else if (dice < 94) {
      now = now.plus(Duration.ofMinutes(1));
      apply(key, new JobCommand.Tick());
    } else if (dice < 96) {
      apply(key, new JobCommand.Delete(""));
    } else {
      apply(key, new JobCommand.ConfirmCancel(token, report(key, random), items.get(key)));
    }
  }

  private Report report(JobKey key, Random random) {
    Report.Builder report = Report.newBuilder();
    items
        .get(key)
        .keySet()
        .forEach(
            id -> {
              if (random.nextInt(3) == 0) {
                report.addItems(
                    Item.newBuilder()
                        .setId(id)
                        .setState(ItemState.forNumber(1 + random.nextInt(5))));
              }
            });
    return report.build();
  }

  private void apply(JobKey key, JobCommand command) {
    take(rules.decide(jobs.get(key), command, new Family(), any -> true).all());
  }

  /** Changes a small slice of children, like upkeep. */
  private void slice(Random random) {
    ChildWork work = parent().getParentRecord().getWork();
    if (work.equals(ChildWork.getDefaultInstance())) {
      return;
    }
    int from = work.getAfter().isEmpty() ? 0 : Integer.parseInt(work.getAfter());
    int until = from + 1 + random.nextInt(3);
    Optional<String> next = Optional.of("" + until);
    if (work.getKind() == ChildWorkKind.CHILD_WORK_KIND_PASS_ITEMS) {
      List<Item> all = new ArrayList<>(items.get(key(work.getFromJobId())).values());
      take(
          rules
              .childSlices()
              .passItems(
                  parent(),
                  work,
                  jobs.get(key(work.getToJobId())),
                  part(all, from, until),
                  items.get(key(work.getToJobId())),
                  until < all.size() ? next : Optional.empty(),
                  clock()));
      return;
    }
    boolean deletes = work.getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE;
    List<JobRecord> children =
        jobs.values().stream().filter(job -> !JobKey.of(job).equals(PARENT)).toList();
    // Deleted children are no longer there for the next slice.
    List<JobRecord> slice = deletes ? part(children, 0, 2) : part(children, from, until);
    boolean isLast = deletes ? children.size() <= 2 : until >= children.size();
    Optional<String> after = isLast ? Optional.empty() : next;
    take(rules.childSlices().change(parent(), work, slice, List.of(), after, clock()));
  }

  /** All jobs, as they are now. */
  private final class Family implements DecisionContext {
    @Override
    public ClockReading clock() {
      return ParentLifeTest.this.clock();
    }

    @Override
    public Optional<JobRecord> jobOrParent(JobKey key) {
      return Optional.ofNullable(jobs.get(key));
    }
  }

  private static <T> List<T> part(List<T> all, int from, int until) {
    return all.subList(Math.min(from, all.size()), Math.min(until, all.size()));
  }

  private ClockReading clock() {
    return ClockReading.at(now);
  }

  private void take(List<JobDecision> decisions) {
    for (JobDecision decision : decisions) {
      JobKey key = decision.key();
      if (decision instanceof JobDecision.Put put) {
        JobRecord before = jobs.get(key);
        long revision = before == null ? 0 : before.getRevision();
        assertThat(put.record().getRevision()).isEqualTo(revision + 1);
        long sequence = before == null ? 0 : before.getJob().getStatus().getJournalSequence();
        assertThat(put.record().getJob().getStatus().getJournalSequence())
            .isEqualTo(sequence + put.entries().size());
        jobs.put(key, put.record());
        Map<String, Item> kept = items.computeIfAbsent(key, any -> new LinkedHashMap<>());
        put.items().forEach(item -> kept.put(item.getId(), item));
      } else if (decision instanceof JobDecision.Remove) {
        jobs.remove(key);
      }
    }
  }

  private void check() {
    JobStatus status = parent().getJob().getStatus();
    List<JobRecord> children =
        jobs.values().stream().filter(job -> !JobKey.of(job).equals(PARENT)).toList();
    if (JobRecords.isBeingDeleted(parent())) {
      return; // Nobody sees it any more.
    }
    assertThat(counts(children)).isEqualTo(status.getChildCounts());
    if (parent().getJob().getKind() == JobKind.JOB_KIND_BATCH) {
      long all = 0;
      long done = 0;
      for (JobRecord child : children) {
        all += JobRecords.items(child.getJob().getStatus().getItemCounts());
        done += ChildShares.of(child).getDone();
      }
      assertThat(status.getProgress().getTotal()).isEqualTo(all);
      assertThat(status.getProgress().getCurrent()).isEqualTo(done);
      assertThat(JobRecords.items(status.getItemCounts())).isEqualTo(all);
      assertThat(sum(children)).isEqualTo(status.getItemCounts());
    } else {
      for (int i = 0; i < children.size(); i++) {
        SubOperation part = status.getProgress().getSubOperations(i);
        JobState state = children.get(i).getJob().getStatus().getState();
        assertThat(part.getState() == SubOperationState.SUB_OPERATION_STATE_DONE)
            .isEqualTo(state == JobState.JOB_STATE_SUCCEEDED);
      }
    }
    checkEnd(status, children);
  }

  private void checkEnd(JobStatus status, List<JobRecord> children) {
    boolean allEnded =
        children.stream()
            .allMatch(child -> Transitions.isFinished(child.getJob().getStatus().getState()));
    // A retry has not reached the children yet, nor has a cancel right after it.
    ChildWorkKind work = parent().getParentRecord().getWork().getKind();
    boolean isUnderWay =
        work == ChildWorkKind.CHILD_WORK_KIND_RETRY || work == ChildWorkKind.CHILD_WORK_KIND_CANCEL;
    if (!allEnded || !isUnderWay) {
      assertThat(Transitions.isFinished(status.getState())).as("%s", parent()).isEqualTo(allEnded);
    }
    if (status.getState() == JobState.JOB_STATE_SUCCEEDED) {
      assertThat(children)
          .hasSize(CHILDREN)
          .allMatch(child -> child.getJob().getStatus().getState() == JobState.JOB_STATE_SUCCEEDED);
      assertThat(status.getProgress().getPercent()).isEqualTo(100);
    }
  }

  private static ChildCounts counts(List<JobRecord> children) {
    ChildCounts.Builder counts = ChildCounts.newBuilder();
    for (JobRecord child : children) {
      Job job = child.getJob();
      switch (job.getStatus().getState()) {
        case JOB_STATE_QUEUED -> counts.setQueued(counts.getQueued() + 1);
        case JOB_STATE_RUNNING -> counts.setRunning(counts.getRunning() + 1);
        case JOB_STATE_CANCELLING -> counts.setCancelling(counts.getCancelling() + 1);
        case JOB_STATE_SUCCEEDED -> counts.setSucceeded(counts.getSucceeded() + 1);
        case JOB_STATE_FAILED -> counts.setFailed(counts.getFailed() + 1);
        case JOB_STATE_CANCELLED -> counts.setCancelled(counts.getCancelled() + 1);
        case JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new AssertionError(job);
      }
    }
    return counts.build();
  }

  private static ItemCounts sum(List<JobRecord> children) {
    ItemCounts.Builder sum = ItemCounts.newBuilder();
    for (JobRecord child : children) {
      ItemCounts counts = child.getJob().getStatus().getItemCounts();
      sum.setPending(sum.getPending() + counts.getPending())
          .setRunning(sum.getRunning() + counts.getRunning())
          .setDone(sum.getDone() + counts.getDone())
          .setFailed(sum.getFailed() + counts.getFailed())
          .setSkipped(sum.getSkipped() + counts.getSkipped());
    }
    return sum.build();
  }
}
