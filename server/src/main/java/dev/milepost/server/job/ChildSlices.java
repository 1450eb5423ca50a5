package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildWork;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is done to a family slice by slice. A slice that somebody else has done already, or that is
 * not to be done any more, comes to nothing.
 */
final class ChildSlices {
  private ChildSlices() {}

  /**
   * One slice of children.
   *
   * @param parent as it is
   * @param expected what was to be done when the slice was read
   * @param next where the next slice begins; empty: this is the last
   */
  static List<JobDecision> children(
      JobRecord parent,
      ChildWork expected,
      List<JobRecord> children,
      Optional<String> next,
      Instant now,
      JobRules rules) {
    if (!isStill(parent, expected)) {
      return List.of();
    }
    if (expected.getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE) {
      return deleted(parent, children, next, now, rules);
    }
    ParentEdit family = new ParentEdit(parent, now, rules);
    List<JobDecision> decisions = new ArrayList<>();
    for (JobRecord child : children) {
      JobDecision change = change(parent, expected, new JobEdit(child, now, rules));
      if (change instanceof JobDecision.Put put) {
        decisions.add(
            new JobDecision.Put(family.recount(put.record()), put.entries(), put.items()));
      }
    }
    goOn(family.edit(), next);
    if (next.isEmpty() && expected.getKind() == ChildWorkKind.CHILD_WORK_KIND_RETRY) {
      passItemsAgain(family.edit());
    }
    family.conclude(rules);
    decisions.addAll(family.decisions());
    return decisions;
  }

  private static boolean isStill(JobRecord parent, ChildWork expected) {
    ChildWork work = parent.getParentRecord().getWork();
    return work.getKind() == expected.getKind()
        && work.getAfter().equals(expected.getAfter())
        && work.getToJobId().equals(expected.getToJobId());
  }

  private static JobDecision change(JobRecord parent, ChildWork work, JobEdit child) {
    JobState state = child.status().getState();
    boolean isBatch = parent.getJob().getKind() == JobKind.JOB_KIND_BATCH;
    return switch (work.getKind()) {
      case CHILD_WORK_KIND_RELEASE -> release(child);
      case CHILD_WORK_KIND_CANCEL ->
          state == JobState.JOB_STATE_QUEUED || state == JobState.JOB_STATE_RUNNING
              ? CancelRule.cancel(child, cancel(parent.getJob()))
              : child.keep();
      case CHILD_WORK_KIND_RETRY -> {
        if (state == JobState.JOB_STATE_QUEUED) {
          yield isBatch ? release(child) : child.keep();
        }
        if (state != JobState.JOB_STATE_FAILED && state != JobState.JOB_STATE_CANCELLED) {
          yield child.keep();
        }
        if (isBatch) {
          child.record().setHeldBack(false);
        }
        yield OwnerRules.retry(child, new JobCommand.Retry(parent.getJob().getUserId()));
      }
      case CHILD_WORK_KIND_DELETE,
          CHILD_WORK_KIND_PASS_ITEMS,
          CHILD_WORK_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalArgumentException("not done child by child: " + work.getKind());
    };
  }

  /** Its time in the queue begins now: before, no worker could have taken it. */
  private static JobDecision release(JobEdit child) {
    if (!child.current().getHeldBack()) {
      return child.keep();
    }
    child.record().setHeldBack(false).setLifeStartTime(child.time());
    child.status().setQueueTime(child.time());
    return child.put();
  }

  private static JobCommand.Cancel cancel(Job parent) {
    return new JobCommand.Cancel(
        parent.getStatus().getCancel().getRequestedBy(),
        parent.getStatus().getCancel().getReason(),
        null);
  }

  private static void goOn(JobEdit parent, Optional<String> next) {
    if (next.isEmpty()) {
      parent.record().getParentRecordBuilder().clearWork();
      return;
    }
    ParentCommands.postpone(parent);
    parent.record().getParentRecordBuilder().getWorkBuilder().setAfter(next.get());
  }

  private static List<JobDecision> deleted(
      JobRecord parent,
      List<JobRecord> children,
      Optional<String> next,
      Instant now,
      JobRules rules) {
    List<JobDecision> decisions = new ArrayList<>();
    children.forEach(child -> decisions.add(new JobDecision.Remove(JobKey.of(child))));
    if (next.isEmpty()) {
      decisions.add(new JobDecision.Remove(JobKey.of(parent)));
    } else {
      JobEdit edit = new JobEdit(parent, now, rules);
      goOn(edit, next);
      decisions.add(edit.put());
    }
    return decisions;
  }

  /**
   * The last step that has begun may not have got all its items when the task was cancelled: then
   * it is still held back, and gets them now. Another one gets nothing.
   */
  private static void passItemsAgain(JobEdit task) {
    List<StepRecord> steps = task.current().getParentRecord().getStepsList();
    int last = Math.toIntExact(JobRecords.children(task.status().getChildCounts())) - 1;
    if (!steps.isEmpty() && last > 0) {
      TaskRule.passItems(task, steps.get(last - 1).getJobId(), steps.get(last).getJobId());
    }
  }

  /**
   * Hands some items of a step to the step after it: those that did not fail and were not passed
   * over, as not begun. With the last of them the new step can be claimed. One that is not held
   * back has them all, and may have begun: it gets none.
   *
   * @param items some of the items of the step before
   * @param known what the new step has of them already, from a slice whose commit was not heard of
   */
  static List<JobDecision> passItems(
      JobRecord task,
      ChildWork expected,
      JobRecord next,
      List<Item> items,
      Map<String, Item> known,
      Optional<String> after,
      Instant now,
      JobRules rules) {
    if (!isStill(task, expected)) {
      return List.of();
    }
    JobEdit parent = new JobEdit(task, now, rules);
    if (!next.getHeldBack()) {
      goOn(parent, Optional.empty());
      return List.of(parent.put());
    }
    JobEdit child = new JobEdit(next, now, rules);
    List<Item> passed =
        items.stream()
            .filter(
                item ->
                    item.getState() != ItemState.ITEM_STATE_FAILED
                        && item.getState() != ItemState.ITEM_STATE_SKIPPED)
            .map(
                item ->
                    item.toBuilder().setState(ItemState.ITEM_STATE_PENDING).clearMessage().build())
            .toList();
    ReportRule.putItems(child, passed, known);
    if (after.isEmpty()) {
      release(child);
    }
    JobDecision.Put put = child.put();
    goOn(parent, after);
    return List.of(
        new JobDecision.Put(ChildShares.counted(put.record()), put.entries(), put.items()),
        parent.put());
  }
}
