package dev.milepost.server.job;

import dev.milepost.storage.v1.ChildShare;
import dev.milepost.storage.v1.ChildWorkKind;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parent while its children change: its counters, its progress and what follows from them. Used
 * once, by one thread.
 */
final class ParentEdit {
  private static final String CHILDREN = "";
  private static final JobError NO_ERROR = JobError.getDefaultInstance();

  /** Why a child failed whose record cannot be read. */
  private static final JobError UNREADABLE =
      JobError.newBuilder()
          .setCode("JOB_UNREADABLE")
          .setMessage("Its record is damaged in the store and cannot be read.")
          .build();

  private static final List<JobState> UNFINISHED =
      List.of(JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_CANCELLING);

  private static final int MAX_MESSAGE_CHARS = 1_024;

  private final JobEdit edit;
  private final List<JournalEntry> entriesBefore;
  private final List<JobDecision> nextSteps = new ArrayList<>();

  /** The last child that failed in this edit. */
  private @Nullable JobRecord failed;

  /** The last child that succeeded in this edit. */
  private @Nullable JobRecord succeeded;

  /** Edits a parent as it was found. */
  ParentEdit(JobRecord found, ClockReading clock, JobRules rules) {
    this.edit = new JobEdit(found, clock, rules);
    this.entriesBefore = List.of();
  }

  /** Edits a parent on which there already is a decision in the same commit. */
  ParentEdit(JobDecision.Put decided, ClockReading clock, JobRules rules) {
    JobRecord record = decided.record();
    this.edit =
        new JobEdit(record.toBuilder().setRevision(record.getRevision() - 1).build(), clock, rules);
    this.entriesBefore = decided.entries();
  }

  JobEdit edit() {
    return edit;
  }

  private boolean isBatch() {
    return edit.current().getJob().getKind() == JobKind.JOB_KIND_BATCH;
  }

  /** Counts a new child. */
  void add(JobRecord child) {
    count(child.getShare().getState(), 1);
    if (isBatch()) {
      add(child.getShare().getItems(), 1);
    }
  }

  /** Counts a child as it is now instead of as it was. Returns it with its new share. */
  JobRecord recount(JobRecord child) {
    ChildShare before = child.getShare();
    JobRecord counted = ChildShares.counted(child);
    ChildShare after = counted.getShare();
    count(before.getState(), -1);
    count(after.getState(), 1);
    if (isBatch()) {
      add(before.getItems(), -1);
      add(after.getItems(), 1);
    }
    if (after.getState() == JobState.JOB_STATE_RUNNING && !edit.status().hasStartTime()) {
      edit.status().setStartTime(edit.time());
    }
    if (ChildShares.hasEnded(before.getState(), after.getState())) {
      switch (after.getState()) {
        case JOB_STATE_SUCCEEDED -> succeeded = counted;
        case JOB_STATE_FAILED -> failed = counted;
        default -> {}
      }
    }
    progress(before, counted);
    return counted;
  }

  /**
   * Counts a child that cannot be read as failed. What it has contributed to items and progress
   * stays, since its share is not known.
   *
   * @param known what the store knows of the child
   * @return false if it has finished, or is not counted here; nothing has changed then
   */
  boolean failUnreadable(Job known) {
    JobState state = countedAs(known.getStatus().getState());
    if (state == JobState.JOB_STATE_UNSPECIFIED || !(isBatch() || isStep(known.getId()))) {
      return false;
    }
    count(state, -1);
    count(JobState.JOB_STATE_FAILED, 1);
    JobRecord lost = unreadable(known);
    failed = lost;
    if (!isBatch()) {
      progress(lost.getShare(), lost);
    }
    if (edit.record().getParentRecord().getWork().getToJobId().equals(known.getId())) {
      // It receives no items any more.
      edit.record().getParentRecordBuilder().clearWork();
    }
    edit.log(
        JobEdit.warning(
            edit.status().getStage().getName(),
            "Child job "
                + known.getId()
                + " counts as failed: its record is damaged in the store and cannot be read."));
    return true;
  }

  /** Returns an unfinished state in which a child is counted; UNSPECIFIED if there is none. */
  private JobState countedAs(JobState known) {
    ChildCounts children = edit.status().getChildCounts();
    List<JobState> states = new ArrayList<>();
    if (known == JobState.JOB_STATE_UNSPECIFIED) {
      // The store's index is damaged too.
      states.addAll(UNFINISHED);
    } else if (!Transitions.isFinished(known)) {
      states.add(known);
      states.addAll(UNFINISHED);
    }
    for (JobState state : states) {
      long count =
          switch (state) {
            case JOB_STATE_RUNNING -> children.getRunning();
            case JOB_STATE_QUEUED -> children.getQueued();
            case JOB_STATE_CANCELLING -> children.getCancelling();
            default -> 0;
          };
      if (count > 0) {
        return state;
      }
    }
    return JobState.JOB_STATE_UNSPECIFIED;
  }

  private JobRecord unreadable(Job known) {
    Job.Builder job = known.toBuilder();
    if (!isBatch()) {
      job.setStep(edit.current().getParentRecord().getSteps(step(known.getId())).getName());
    }
    job.getStatusBuilder().setState(JobState.JOB_STATE_FAILED).setError(UNREADABLE);
    return JobRecord.newBuilder().setJob(job).build();
  }

  private boolean isStep(String jobId) {
    return edit.current().getParentRecord().getStepsList().stream()
        .anyMatch(step -> step.getJobId().equals(jobId));
  }

  private void count(JobState state, int change) {
    ChildCounts.Builder counts = edit.status().getChildCountsBuilder();
    switch (state) {
      case JOB_STATE_QUEUED -> counts.setQueued(counts.getQueued() + change);
      case JOB_STATE_RUNNING -> counts.setRunning(counts.getRunning() + change);
      case JOB_STATE_CANCELLING -> counts.setCancelling(counts.getCancelling() + change);
      case JOB_STATE_SUCCEEDED -> counts.setSucceeded(counts.getSucceeded() + change);
      case JOB_STATE_FAILED -> counts.setFailed(counts.getFailed() + change);
      case JOB_STATE_CANCELLED -> counts.setCancelled(counts.getCancelled() + change);
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the state of a child: " + state);
    }
  }

  private void add(ItemCounts items, int sign) {
    ItemCounts.Builder counts = edit.status().getItemCountsBuilder();
    counts
        .setPending(counts.getPending() + sign * items.getPending())
        .setRunning(counts.getRunning() + sign * items.getRunning())
        .setDone(counts.getDone() + sign * items.getDone())
        .setFailed(counts.getFailed() + sign * items.getFailed())
        .setSkipped(counts.getSkipped() + sign * items.getSkipped());
  }

  private void progress(ChildShare before, JobRecord child) {
    Progress.Builder progress = edit.status().getProgress().toBuilder().clearFraction();
    if (isBatch()) {
      progress
          .setCurrent(progress.getCurrent() + child.getShare().getDone() - before.getDone())
          .setTotal(JobRecords.items(edit.status().getItemCounts()));
    } else {
      int step = step(child.getJob().getId());
      progress.setSubOperations(step, subOperation(progress.getSubOperations(step), child));
      progress.setCurrent(
          progress.getSubOperationsList().stream()
              .filter(part -> part.getState() == SubOperationState.SUB_OPERATION_STATE_DONE)
              .count());
    }
    Progress.Builder derived = ProgressRule.derive(edit.current(), progress.build(), edit.now());
    if (ProgressRule.isSameProgress(derived, edit.status().getProgress())) {
      return;
    }
    edit.status().setProgress(edit.progressedNow(derived));
    edit.record().setProgressSampleTime(edit.time());
  }

  private static SubOperation subOperation(SubOperation part, JobRecord child) {
    JobStatus status = child.getJob().getStatus();
    return switch (status.getState()) {
      case JOB_STATE_QUEUED ->
          part.toBuilder()
              .setState(SubOperationState.SUB_OPERATION_STATE_PENDING)
              .setFraction(0)
              .build();
      case JOB_STATE_RUNNING, JOB_STATE_CANCELLING ->
          part.toBuilder()
              .setState(SubOperationState.SUB_OPERATION_STATE_RUNNING)
              .setFraction(status.getProgress().getFraction())
              .build();
      case JOB_STATE_SUCCEEDED ->
          part.toBuilder()
              .setState(SubOperationState.SUB_OPERATION_STATE_DONE)
              .setFraction(1)
              .build();
      case JOB_STATE_FAILED, JOB_STATE_CANCELLED ->
          part.toBuilder().setState(SubOperationState.SUB_OPERATION_STATE_FAILED).build();
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the state of a child: " + status.getState());
    };
  }

  /** Returns the index of a child among the steps. */
  private int step(String jobId) {
    List<StepRecord> steps = edit.current().getParentRecord().getStepsList();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).getJobId().equals(jobId)) {
        return i;
      }
    }
    throw new IllegalStateException(jobId + " is not a step of its task");
  }

  /** Decides what follows from the counters: the next step of a task, or the parent's end. */
  void conclude(JobRules rules) {
    JobState state = edit.status().getState();
    ChildCounts children = edit.status().getChildCounts();
    boolean allFinished =
        children.getQueued() + children.getRunning() + children.getCancelling() == 0;
    if (!allFinished || !Transitions.isHeld(state) || isWork(ChildWorkKind.CHILD_WORK_KIND_RETRY)) {
      return;
    }
    boolean allSucceeded = children.getFailed() + children.getCancelled() == 0;
    boolean isComplete =
        isBatch() || children.getSucceeded() == edit.current().getParentRecord().getStepsCount();
    if (allSucceeded && isComplete) {
      succeed();
    } else if (allSucceeded && state == JobState.JOB_STATE_RUNNING) {
      int ended = Math.toIntExact(children.getSucceeded()) - 1;
      nextSteps.add(TaskRule.nextStep(this, ended, succeeded, rules));
    } else if (state == JobState.JOB_STATE_CANCELLING) {
      String reason = edit.status().getCancel().getReason();
      edit.finish(JobState.JOB_STATE_CANCELLED, CHILDREN, reason, NO_ERROR);
    } else if (children.getFailed() > 0) {
      JobError error = childFailed(children);
      edit.status().setError(error);
      edit.finish(JobState.JOB_STATE_FAILED, CHILDREN, "", error);
    } else {
      edit.finish(JobState.JOB_STATE_CANCELLED, CHILDREN, "a child was cancelled", NO_ERROR);
    }
  }

  /** The result of a task is that of its last step. */
  private void succeed() {
    if (!isBatch() && succeeded != null && succeeded.getJob().getStatus().hasResult()) {
      edit.status().setResult(succeeded.getJob().getStatus().getResult());
    }
    edit.finish(JobState.JOB_STATE_SUCCEEDED, CHILDREN, "", NO_ERROR);
  }

  private boolean isWork(ChildWorkKind kind) {
    return edit.record().getParentRecord().getWork().getKind() == kind;
  }

  private JobError childFailed(ChildCounts children) {
    long all = children.getSucceeded() + children.getFailed() + children.getCancelled();
    String message =
        isBatch()
            ? "%d of %d children failed.".formatted(children.getFailed(), all)
            : "A step failed.";
    if (failed != null) {
      Job job = failed.getJob();
      message +=
          " The last one, %s: %s"
              .formatted(
                  job.getStep().isEmpty() ? job.getId() : job.getStep(),
                  job.getStatus().getError().getMessage());
    }
    return JobError.newBuilder()
        .setCode("CHILD_FAILED")
        .setMessage(Texts.cut(message, MAX_MESSAGE_CHARS))
        .build();
  }

  /** Returns the decisions on the parent and on new children. */
  List<JobDecision> decisions() {
    JobDecision.Put put = edit.put();
    List<JournalEntry> entries = new ArrayList<>(entriesBefore);
    entries.addAll(put.entries());
    List<JobDecision> decisions = new ArrayList<>();
    decisions.add(new JobDecision.Put(put.record(), entries, put.items()));
    decisions.addAll(nextSteps);
    return decisions;
  }
}
