package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Stage;
import dev.milepost.v1.StageChange;
import dev.milepost.v1.StateChange;
import dev.milepost.v1.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job while a rule changes it: the new record, status, journal entries and items. Used once, by
 * one thread.
 */
final class JobEdit {
  private static final int MAX_ATTEMPTS = 10;
  private static final int MAX_ATTEMPT_MESSAGE_CHARS = 1_024;

  private final JobRecord current;
  private final boolean hasMovedTimers;
  private final JobRecord.Builder record;
  private final JobStatus.Builder status;
  private final ClockReading clock;
  private final Timestamp time;
  private final JobRules rules;
  private final List<JournalEntry> entries = new ArrayList<>();
  private final Map<String, Item> items = new LinkedHashMap<>();

  /**
   * Starts to edit a job as it was found, at a reading of the clock: its timers are moved first if
   * the clock has jumped or the server was paused.
   */
  JobEdit(JobRecord found, ClockReading clock, JobRules rules) {
    this.current = TimerShift.adopt(found, clock, rules.timers());
    this.hasMovedTimers = !current.getClock().equals(found.getClock());
    this.record = current.toBuilder();
    this.status = current.getJob().getStatus().toBuilder();
    this.clock = clock;
    this.time = Times.timestamp(clock.now());
    this.rules = rules;
  }

  /** The new record. Its status is set by {@link #put()}. */
  JobRecord.Builder record() {
    return record;
  }

  /** The job as it was found, with its timers on the clock that decides. */
  JobRecord current() {
    return current;
  }

  /** The spec as it was found. Only the rule of an update changes it. */
  JobSpec spec() {
    return current.getJob().getSpec();
  }

  /** See {@link JobRules#requireAllowed}. */
  void requireAllowed(Webhook webhook) {
    rules.requireAllowed(webhook);
  }

  JobStatus.Builder status() {
    return status;
  }

  /** The clock that decides. */
  ClockReading clock() {
    return clock;
  }

  Instant now() {
    return clock.now();
  }

  /** {@link #now()} as a timestamp. */
  Timestamp time() {
    return time;
  }

  JobDefaults defaults() {
    return rules.defaults();
  }

  JobTimers timers() {
    return rules.timers();
  }

  String jobId() {
    return current.getJob().getId();
  }

  Duration lease() {
    return timers().lease(spec().getTimeouts());
  }

  /** Changes the state, and records the change in the journal. */
  void transitionTo(JobState to, String cause, String reason, JobError error) {
    StateChange.Builder change =
        StateChange.newBuilder()
            .setFromState(status.getState())
            .setToState(to)
            .setCause(cause)
            .setReason(reason);
    if (!error.equals(JobError.getDefaultInstance())) {
      change.setError(error);
    }
    status.setState(to);
    if (to != JobState.JOB_STATE_RUNNING) {
      status.setHealth(JobHealth.JOB_HEALTH_NOT_RUNNING);
    }
    append(JournalEntry.newBuilder().setStateChange(change));
    WebhookRule.announce(this);
  }

  /** Changes the state to a finished one. */
  void finish(JobState to, String cause, String reason, JobError error) {
    transitionTo(to, cause, reason, error);
    status.setEndTime(time).clearClaimableTime();
    if (status.hasStartTime()) {
      Duration ran = Duration.between(TimerShift.start(record, status), now());
      status.setDuration(Times.duration(ran.isNegative() ? Duration.ZERO : ran));
    }
  }

  /** Queues the job. It can be claimed after a wait. */
  void enqueue(String cause, String reason, JobError error, Duration wait) {
    transitionTo(JobState.JOB_STATE_QUEUED, cause, reason, error);
    status.setQueueTime(time);
    Instant claimable = now().plus(wait);
    if (spec().hasNotBeforeTime() && Times.instant(spec().getNotBeforeTime()).isAfter(claimable)) {
      claimable = Times.instant(spec().getNotBeforeTime());
    }
    if (claimable.isAfter(now())) {
      status.setClaimableTime(Times.timestamp(claimable));
    } else {
      status.clearClaimableTime();
    }
  }

  /**
   * Starts an attempt. If there are too many, the oldest is removed from the status; it stays in
   * the journal.
   */
  void beginAttempt(String workerId, String token) {
    int number = Saturated.increment(status.getAttempt());
    status
        .setAttempt(number)
        .setWorkerId(workerId)
        .addAttempts(
            Attempt.newBuilder()
                .setNumber(number)
                .setWorkerId(workerId)
                .setStartTime(time)
                .setOutcome(AttemptOutcome.ATTEMPT_OUTCOME_RUNNING));
    if (status.getAttemptsCount() > MAX_ATTEMPTS) {
      status.removeAttempts(0);
    }
    record.setAttemptToken(token).setReportSeq(0);
    TimerShift.restartAttempt(record);
  }

  /** Ends the current attempt: its token is no longer valid. */
  void endAttempt(AttemptOutcome outcome, JobError error) {
    int last = status.getAttemptsCount() - 1;
    Attempt.Builder attempt = status.getAttempts(last).toBuilder();
    attempt.setEndTime(time).setOutcome(outcome);
    if (!error.equals(JobError.getDefaultInstance())) {
      // Each report rewrites the status, so long texts are kept only in the journal.
      attempt.setError(
          error.toBuilder()
              .setMessage(Texts.cut(error.getMessage(), MAX_ATTEMPT_MESSAGE_CHARS))
              .clearDetails()
              .clearStackTrace());
    }
    status.setAttempts(last, attempt).clearLeaseExpireTime();
    record.clearAttemptToken().clearReportSeq();
    if (status.hasProgress()) {
      status.setProgress(status.getProgress().toBuilder().clearRate().clearEstimatedEndTime());
    }
  }

  /** Sets in a job's progress that the job has progressed now. Returns the progress. */
  Progress.Builder progressedNow(Progress.Builder progress) {
    TimerShift.restartProgress(record);
    return progress.setLastProgressTime(time);
  }

  /** Renews the lease. */
  void renewLease() {
    status.setHeartbeatTime(time).setLeaseExpireTime(Times.timestamp(clock.after(lease())));
  }

  /** Enters another stage. */
  void enterStage(Stage stage) {
    Stage before = status.getStage();
    boolean sameStage = stage.getName().equals(before.getName());
    if (sameStage && stage.getDetail().equals(before.getDetail())) {
      return;
    }
    Stage entered =
        Stage.newBuilder()
            .setName(stage.getName())
            .setDetail(stage.getDetail())
            .setStartTime(sameStage ? before.getStartTime() : time)
            .build();
    status.setStage(entered);
    append(JournalEntry.newBuilder().setStageChange(StageChange.newBuilder().setStage(entered)));
  }

  /**
   * Adds a log line. If the log is full, only errors are still written: one line marks where others
   * are missing, and a counter says how many. The job continues, since its work matters more than
   * its log.
   */
  void log(LogEntry line) {
    LogEntry inStage =
        line.getStage().isEmpty() && status.hasStage()
            ? line.toBuilder().setStage(status.getStage().getName()).build()
            : line;
    long bytes = Saturated.add(record.getLogBytes(), inStage.getSerializedSize());
    long unwritten = status.getLogCountsBuilder().getUnwritten();
    boolean isFull = unwritten > 0 || bytes > defaults().logBytes();
    if (isFull && inStage.getLevel() != LogLevel.LOG_LEVEL_ERROR) {
      if (unwritten == 0) {
        append(JournalEntry.newBuilder().setLog(fullLog(inStage.getStage())));
      }
      status.getLogCountsBuilder().setUnwritten(unwritten + 1);
      return;
    }
    record.setLogBytes(bytes);
    append(JournalEntry.newBuilder().setLog(inStage));
  }

  /** Counts log lines that the worker could not send. */
  void countUnsent(long lines) {
    if (lines > 0) {
      LogCounts.Builder counts = status.getLogCountsBuilder();
      counts.setUnsent(Saturated.add(counts.getUnsent(), lines));
    }
  }

  /** Adds a line, once, that says that the job has as many named counters as it can have. */
  void warnOfFullOutcome() {
    if (!record.getOutcomeFull()) {
      record.setOutcomeFull(true);
      log(
          warning(
              status.getStage().getName(),
              "This job has "
                  + ReportValidation.MAX_OUTCOMES
                  + " named counters, as many as a job can have: further ones are left out."));
    }
  }

  /** Adds a line, once, that says that the job has as many items as it can have. */
  void warnOfFullItems() {
    if (!record.getItemsFull()) {
      record.setItemsFull(true);
      log(
          warning(
              status.getStage().getName(),
              "This job has "
                  + JobValidation.MAX_ITEMS
                  + " items, as many as a job can have: further ones are left out."));
    }
  }

  private LogEntry fullLog(String stage) {
    return warning(
        stage,
        "This job's log has reached its limit of "
            + defaults().logBytes()
            + " bytes: from here on, only errors are written.");
  }

  static LogEntry warning(String stage, String message) {
    return LogEntry.newBuilder()
        .setLevel(LogLevel.LOG_LEVEL_WARNING)
        .setStage(stage)
        .setMessage(message)
        .build();
  }

  private void append(JournalEntry.Builder entry) {
    long sequence = status.getJournalSequence() + 1;
    status.setJournalSequence(sequence);
    JournalEntry numbered =
        entry.setSequence(sequence).setTime(time).setAttempt(status.getAttempt()).build();
    LogCounts.Builder counts = status.getLogCountsBuilder();
    long dropped = counts.getDropped();
    JournalCap.count(counts, numbered, defaults().journalCap());
    StoredBytes.append(record, numbered, counts.getDropped() > dropped, defaults().journalCap());
    entries.add(numbered);
  }

  /**
   * Adds or replaces an item; {@code known} is its previous value, or the default instance if new.
   */
  void putItem(Item item, Item known) {
    ItemCounts.Builder counts = status.getItemCountsBuilder();
    if (!known.getId().isEmpty()) {
      add(counts, known.getState(), -1);
    }
    add(counts, item.getState(), 1);
    StoredBytes.putItem(record, item, known);
    items.put(item.getId(), item);
  }

  private static void add(ItemCounts.Builder counts, ItemState state, int change) {
    switch (state) {
      case ITEM_STATE_PENDING -> counts.setPending(counts.getPending() + change);
      case ITEM_STATE_RUNNING -> counts.setRunning(counts.getRunning() + change);
      case ITEM_STATE_DONE -> counts.setDone(counts.getDone() + change);
      case ITEM_STATE_FAILED -> counts.setFailed(counts.getFailed() + change);
      case ITEM_STATE_SKIPPED -> counts.setSkipped(counts.getSkipped() + change);
      case ITEM_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the state of an item: " + state);
    }
  }

  /** Whether there are new journal entries or items. */
  boolean hasEntriesOrItems() {
    return !entries.isEmpty() || !items.isEmpty();
  }

  /** Returns the decision to write the edited job. */
  JobDecision.Put put() {
    status.setUpdateTime(time);
    if (!JobRecords.isChild(current)) {
      defaults().retention().setExpireTime(record.getJob().getSpec(), status);
    }
    record.setJob(record.getJob().toBuilder().setStatus(status));
    timers().schedule(record, clock);
    return decision();
  }

  /** Returns the decision to change only when the next timer is due. */
  JobDecision reschedule() {
    if (hasMovedTimers && !Transitions.isFinished(status.getState())) {
      return put();
    }
    timers().schedule(record, clock);
    return record.getWakeTime().equals(current.getWakeTime()) ? keep() : decision();
  }

  /** Returns the decision to change only what surrounds the job, which callers do not see. */
  JobDecision.Put putAround() {
    timers().schedule(record, clock);
    return decision();
  }

  private JobDecision.Put decision() {
    record.setRevision(current.getRevision() + 1);
    StoredBytes.measureSpec(record, current);
    TimerShift.stamp(record, clock);
    // Most reports have neither entries nor items, so their lists are not copied.
    return new JobDecision.Put(
        StoredBytes.charged(current, record.build()),
        entries.isEmpty() ? List.of() : entries,
        items.isEmpty() ? List.of() : List.copyOf(items.values()));
  }

  /** Returns the decision to change nothing. */
  JobDecision.Keep keep() {
    return new JobDecision.Keep(current);
  }

  /** Returns the decision to delete the job. A parent is deleted with its last child. */
  JobDecision remove() {
    return JobRecords.isParent(current)
        ? ParentCommands.remove(this)
        : new JobDecision.Remove(JobKey.of(current));
  }

  /** Whether a due time has passed. */
  boolean isDue(Instant due) {
    return !due.isAfter(now());
  }
}
