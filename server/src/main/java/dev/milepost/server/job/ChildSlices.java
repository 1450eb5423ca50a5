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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Changes to all children of a parent, slice by slice. A slice that is already done, or no longer
 * to be done, leads to no decision.
 *
 * <p>Pure and thread-safe, like {@link JobRules}.
 */
public final class ChildSlices {
  private final JobRules rules;

  ChildSlices(JobRules rules) {
    this.rules = rules;
  }

  /**
   * Changes one slice of children.
   *
   * @param parent the batch or task as it is
   * @param expected the work that was pending when the slice was read
   * @param children the children of the slice as they are
   * @param unreadable what the store knows of those that cannot be read. They are deleted with the
   *     others; any other change makes them count as failed, as it can never be made
   * @param next where the next slice starts; empty: this is the last
   */
  public List<JobDecision> change(
      JobRecord parent,
      ChildWork expected,
      List<JobRecord> children,
      List<Job> unreadable,
      Optional<String> next,
      ClockReading clock) {
    if (!isPending(parent, expected)) {
      return List.of();
    }
    if (expected.getKind() == ChildWorkKind.CHILD_WORK_KIND_DELETE) {
      return delete(parent, children, unreadable, next, clock);
    }
    ParentEdit parentEdit = new ParentEdit(parent, clock, rules);
    List<JobDecision> decisions = new ArrayList<>();
    for (JobRecord child : children) {
      JobDecision change = change(parent, expected, new JobEdit(child, clock, rules));
      if (change instanceof JobDecision.Put put) {
        decisions.add(
            new JobDecision.Put(parentEdit.recount(put.record()), put.entries(), put.items()));
      }
    }
    for (Job child : unreadable) {
      if (parentEdit.failUnreadable(child)) {
        decisions.add(new JobDecision.MarkFailed(JobKey.of(child)));
      }
    }
    advance(parentEdit.edit(), next);
    if (next.isEmpty() && expected.getKind() == ChildWorkKind.CHILD_WORK_KIND_RETRY) {
      passItemsAgain(parentEdit.edit());
    }
    parentEdit.conclude(rules);
    decisions.addAll(parentEdit.decisions());
    return decisions;
  }

  private static boolean isPending(JobRecord parent, ChildWork expected) {
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
          throw new IllegalArgumentException(work.getKind() + " does not change single children");
    };
  }

  /** Its time in the queue starts now: no worker could claim it before. */
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

  private static void advance(JobEdit parent, Optional<String> next) {
    if (next.isEmpty()) {
      parent.record().getParentRecordBuilder().clearWork();
      return;
    }
    ParentCommands.postpone(parent);
    parent.record().getParentRecordBuilder().getWorkBuilder().setAfter(next.get());
  }

  private List<JobDecision> delete(
      JobRecord parent,
      List<JobRecord> children,
      List<Job> unreadable,
      Optional<String> next,
      ClockReading clock) {
    List<JobDecision> decisions = new ArrayList<>();
    children.forEach(child -> decisions.add(new JobDecision.Remove(JobKey.of(child))));
    unreadable.forEach(child -> decisions.add(new JobDecision.Remove(JobKey.of(child))));
    if (next.isEmpty()) {
      decisions.add(new JobDecision.Remove(JobKey.of(parent)));
    } else {
      JobEdit edit = new JobEdit(parent, clock, rules);
      advance(edit, next);
      decisions.add(edit.put());
    }
    return decisions;
  }

  /**
   * Completes the items of the last step that was created: when the task was cancelled, it may not
   * have received all of them. It is then still held back.
   */
  private static void passItemsAgain(JobEdit task) {
    List<StepRecord> steps = task.current().getParentRecord().getStepsList();
    int last = Math.toIntExact(JobRecords.children(task.status().getChildCounts())) - 1;
    if (!steps.isEmpty() && last > 0) {
      TaskRule.passItems(task, steps.get(last - 1).getJobId(), steps.get(last).getJobId());
    }
  }

  /**
   * Passes a slice of items from one step of a task to the next: those that neither failed nor were
   * skipped, as PENDING. With the last slice the next step can be claimed. A step that is not held
   * back already has all its items, may have started, and receives none.
   *
   * @param next the job of the next step
   * @param items the slice: items of the previous step
   * @param known items that the next step already has, by id; from a slice whose commit was not
   *     acknowledged
   * @param after where the next slice starts; empty: this is the last
   */
  public List<JobDecision> passItems(
      JobRecord task,
      ChildWork expected,
      JobRecord next,
      List<Item> items,
      Map<String, Item> known,
      Optional<String> after,
      ClockReading clock) {
    if (!isPending(task, expected)) {
      return List.of();
    }
    JobEdit parent = new JobEdit(task, clock, rules);
    if (!next.getHeldBack()) {
      advance(parent, Optional.empty());
      return List.of(parent.put());
    }
    JobEdit child = new JobEdit(next, clock, rules);
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
    ReportRule.followItems(child);
    if (after.isEmpty()) {
      release(child);
    }
    JobDecision.Put put = child.put();
    advance(parent, after);
    return List.of(ChildShares.counted(put), parent.put());
  }

  /**
   * Ends the passing of items to a step that cannot be read, which counts as failed, or is gone.
   *
   * @param unreadable what the store knows of the step that cannot be read; empty: it is gone
   */
  public List<JobDecision> stopPassing(
      JobRecord task, ChildWork expected, Optional<Job> unreadable, ClockReading clock) {
    if (!isPending(task, expected)) {
      return List.of();
    }
    ParentEdit parent = new ParentEdit(task, clock, rules);
    advance(parent.edit(), Optional.empty());
    List<JobDecision> decisions = new ArrayList<>();
    if (unreadable.isPresent() && parent.failUnreadable(unreadable.get())) {
      decisions.add(new JobDecision.MarkFailed(JobKey.of(unreadable.get())));
    }
    parent.conclude(rules);
    decisions.addAll(parent.decisions());
    return decisions;
  }
}
