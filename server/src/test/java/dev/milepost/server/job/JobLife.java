package dev.milepost.server.job;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.StateChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One job under test: applies commands like a store, with a clock that moves only when it is told
 * to.
 */
final class JobLife {
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  static final JobKey KEY = new JobKey("acme", "job-1");
  static final JobError BROKEN = error("BROKEN", false);
  static final JobError FLAKY = error("FLAKY", true);

  final List<JournalEntry> journal = new ArrayList<>();
  final Map<String, Item> items = new HashMap<>();
  Instant now = START;

  /** The run of the server's clock; 0: nothing is known of the clock but its time. */
  long run;

  Duration jumped = Duration.ZERO;
  Duration jumpedBack = Duration.ZERO;
  Duration paused = Duration.ZERO;
  Instant servingSince = Instant.EPOCH;
  JobRules rules = new JobRules(JobDefaults.STANDARD);
  JobRecord record = JobRecord.getDefaultInstance();
  String token = "";
  boolean gone;

  private int claims;

  private JobLife() {}

  static JobSpec.Builder spec() {
    return JobSpec.newBuilder().setType("resize");
  }

  static JobLife queued() {
    return queued(spec());
  }

  static JobLife queued(JobSpec.Builder spec) {
    return created(spec, List.of());
  }

  /** A queued job of a server that knows the jumps of its clock. */
  static JobLife onKnownClock(JobSpec.Builder spec) {
    JobLife life = new JobLife().restart();
    life.take(life.rules.create(newJob(spec), List.of(), life.clock()));
    return life;
  }

  static JobLife created(JobSpec.Builder spec, List<Item> items) {
    JobLife life = new JobLife();
    life.take(life.rules.create(newJob(spec), items, life.clock()));
    return life;
  }

  static NewJob newJob(JobSpec.Builder spec) {
    return new NewJob(KEY, "ann", "ann", "", "", spec.build());
  }

  static JobLife running() {
    return running(spec());
  }

  static JobLife running(JobSpec.Builder spec) {
    JobLife life = queued(spec);
    life.claim();
    return life;
  }

  static JobLife cancelling() {
    JobLife life = running();
    life.cancel("no longer needed");
    return life;
  }

  static JobLife in(JobState state) {
    JobLife life = state == JobState.JOB_STATE_QUEUED ? queued() : running();
    switch (state) {
      case JOB_STATE_QUEUED, JOB_STATE_RUNNING -> {}
      case JOB_STATE_CANCELLING -> life.cancel("stop");
      case JOB_STATE_SUCCEEDED -> life.complete();
      case JOB_STATE_FAILED -> life.fail(BROKEN);
      case JOB_STATE_CANCELLED -> {
        life.cancel("stop");
        life.confirmCancel();
      }
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException(state.name());
    }
    return life;
  }

  // Time.

  JobLife after(Duration wait) {
    now = now.plus(wait);
    return this;
  }

  JobLife after(long seconds) {
    return after(Duration.ofSeconds(seconds));
  }

  /** The server is started, again or for the first time. */
  JobLife restart() {
    return restartedAt(now);
  }

  /** The server was started, again or for the first time. */
  JobLife restartedAt(Instant start) {
    run++;
    jumped = Duration.ZERO;
    jumpedBack = Duration.ZERO;
    paused = Duration.ZERO;
    servingSince = start;
    return this;
  }

  /** The clock is set forward, or back, while the server runs. */
  JobLife jump(Duration by) {
    now = now.plus(by);
    jumped = jumped.plus(by);
    jumpedBack = by.isNegative() ? jumpedBack.minus(by) : jumpedBack;
    servingSince = now;
    return this;
  }

  /** The server is paused. */
  JobLife pause(Duration length) {
    now = now.plus(length);
    paused = paused.plus(length);
    servingSince = now;
    return this;
  }

  ClockReading clock() {
    return new ClockReading(
        now,
        run,
        jumped.toNanos() / 1_000,
        jumpedBack.toNanos() / 1_000,
        paused.toNanos() / 1_000,
        servingSince);
  }

  // Commands.

  JobDecision run(JobCommand command) {
    return take(rules.decideAlone(record, command, clock()));
  }

  JobDecision take(JobDecision decision) {
    if (decision instanceof JobDecision.Put put) {
      record = put.record();
      journal.addAll(put.entries());
      put.items().forEach(item -> items.put(item.getId(), item));
    } else if (decision instanceof JobDecision.Remove) {
      gone = true;
    }
    return decision;
  }

  JobDecision claim() {
    claims++;
    token = "token-" + claims;
    return run(new JobCommand.Claim("worker-" + claims, token));
  }

  /** Claims as soon as the job can be claimed. */
  JobDecision claimWhenDue() {
    if (status().hasClaimableTime()) {
      now = Times.instant(status().getClaimableTime());
    }
    return claim();
  }

  JobDecision report(Report.Builder report) {
    return run(new JobCommand.ReportProgress(token, report.build(), items));
  }

  JobDecision heartbeat() {
    return run(new JobCommand.Heartbeat(token));
  }

  JobDecision complete() {
    return run(new JobCommand.Complete(token, nothing(), items, Struct.getDefaultInstance()));
  }

  JobDecision fail(JobError error) {
    return run(new JobCommand.Fail(token, nothing(), items, error));
  }

  JobDecision confirmCancel() {
    return run(new JobCommand.ConfirmCancel(token, nothing(), items));
  }

  JobDecision release(String reason) {
    return run(new JobCommand.Release(token, nothing(), items, reason));
  }

  JobDecision cancel(String reason) {
    return run(new JobCommand.Cancel("bob", reason, null));
  }

  JobDecision retry() {
    return run(new JobCommand.Retry("bob"));
  }

  JobDecision delete() {
    return run(new JobCommand.Delete(""));
  }

  JobDecision tick() {
    return run(new JobCommand.Tick());
  }

  // Current state.

  Job job() {
    return record.getJob();
  }

  JobStatus status() {
    return record.getJob().getStatus();
  }

  JobState state() {
    return status().getState();
  }

  Instant wakeTime() {
    return Times.instant(record.getWakeTime());
  }

  StateChange lastStateChange() {
    return stateChanges().get(stateChanges().size() - 1);
  }

  List<StateChange> stateChanges() {
    return journal.stream()
        .filter(JournalEntry::hasStateChange)
        .map(JournalEntry::getStateChange)
        .toList();
  }

  // Test values.

  static Report nothing() {
    return Report.getDefaultInstance();
  }

  static Report.Builder progress(long current, long total) {
    return Report.newBuilder()
        .setProgress(Progress.newBuilder().setCurrent(current).setTotal(total));
  }

  static LogEntry line(LogLevel level, String message) {
    return LogEntry.newBuilder().setLevel(level).setMessage(message).build();
  }

  static JobError error(String code, boolean retryable) {
    return JobError.newBuilder()
        .setCode(code)
        .setMessage("It went wrong.")
        .setRetryable(retryable)
        .build();
  }

  static Struct struct(String key, String value) {
    return Struct.newBuilder()
        .putFields(key, Value.newBuilder().setStringValue(value).build())
        .build();
  }

  static com.google.protobuf.Duration seconds(long seconds) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(seconds).build();
  }
}
