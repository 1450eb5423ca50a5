package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import java.time.Duration;
import java.time.Instant;

/**
 * Computes when the timers of a job are due: lease, grace period, timeouts, delayed start, expiry
 * and the next webhook try.
 */
public final class JobTimers {
  /** The due time of a timer that is not set. */
  static final Instant NEVER = Instant.MAX;

  private final JobDefaults defaults;

  JobTimers(JobDefaults defaults) {
    this.defaults = defaults;
  }

  /** Returns how long a worker may be silent before it loses its lease. */
  public Duration lease(JobTimeouts timeouts) {
    return timeouts.hasLease() ? Times.duration(timeouts.getLease()) : defaults.lease();
  }

  /** Returns how long a worker may take to confirm a cancel, unless the cancel says otherwise. */
  public Duration cancelGrace(JobTimeouts timeouts) {
    return timeouts.hasCancelGrace()
        ? Times.duration(timeouts.getCancelGrace())
        : defaults.cancelGrace();
  }

  /**
   * When the lease of a held job expires. Workers cannot reach a server that is paused, and may
   * need some time to reach it again. So a lease lasts for its full length after the pause, but is
   * never more than doubled: the leases of a server that pauses often must end, too.
   *
   * @param record has its timers on the clock
   */
  Instant leaseEnd(JobRecordOrBuilder record, ClockReading clock) {
    Instant written = Times.instant(record.getJob().getStatus().getLeaseExpireTime());
    return extended(written, lease(record.getJob().getSpec().getTimeouts()), clock);
  }

  /**
   * When the grace period of a cancelling job ends. Like a lease, it lasts for its full length
   * after a pause of the server.
   *
   * @param record has its timers on the clock
   */
  Instant graceEnd(JobRecordOrBuilder record, ClockReading clock) {
    CancelInfo cancel = record.getJob().getStatus().getCancel();
    return extended(Times.instant(cancel.getGraceExpireTime()), TimerShift.grace(record), clock);
  }

  private static Instant extended(Instant written, Duration length, ClockReading clock) {
    Instant full = after(earlier(written, clock.servingSince()), length);
    return written.isAfter(full) ? written : full;
  }

  /** When a running job is stalled if it reports nothing new. */
  Instant stallTime(JobRecordOrBuilder record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    return after(
        TimerShift.lastProgress(record),
        timeouts.hasStallAfter()
            ? Times.duration(timeouts.getStallAfter())
            : defaults.stallAfter());
  }

  Instant attemptTimeout(JobRecordOrBuilder record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    return timeouts.hasAttempt()
        ? after(TimerShift.attemptStart(record), Times.duration(timeouts.getAttempt()))
        : NEVER;
  }

  /** The total timeout of a job that is held back starts when it is released. */
  Instant totalTimeout(JobRecordOrBuilder record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    return timeouts.hasTotal() && !record.getHeldBack()
        ? after(Times.instant(record.getLifeStartTime()), Times.duration(timeouts.getTotal()))
        : NEVER;
  }

  /**
   * The queue timeout applies until an attempt has started since the job was created or retried by
   * a user. It starts when the job can be claimed.
   */
  Instant queueTimeout(JobRecordOrBuilder record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    JobStatus status = record.getJob().getStatus();
    if (!timeouts.hasQueue() || record.getHeldBack()) {
      return NEVER;
    }
    Instant lifeStart = Times.instant(record.getLifeStartTime());
    boolean begun =
        status.getAttemptsCount() > 0 && !TimerShift.attemptStart(record).isBefore(lifeStart);
    if (begun) {
      return NEVER;
    }
    Instant notBefore = Times.instant(record.getJob().getSpec().getNotBeforeTime());
    Instant waitsSince = notBefore.isAfter(lifeStart) ? notBefore : lifeStart;
    return after(waitsSince, Times.duration(timeouts.getQueue()));
  }

  Instant claimableTime(JobRecordOrBuilder record) {
    JobStatus status = record.getJob().getStatus();
    return status.hasClaimableTime() ? Times.instant(status.getClaimableTime()) : NEVER;
  }

  /**
   * The spec's expire_time, else the time that was set when the job finished. A child never
   * expires: it is deleted with its parent.
   */
  Instant expireTime(JobRecordOrBuilder record) {
    Job job = record.getJob();
    if (JobRecords.isChild(record)) {
      return NEVER;
    }
    if (job.getSpec().hasExpireTime()) {
      return Times.truncate(Times.instant(job.getSpec().getExpireTime()));
    }
    return job.getStatus().hasExpireTime() ? Times.instant(job.getStatus().getExpireTime()) : NEVER;
  }

  /** Whether a job no longer exists for callers because it has expired. A held job never has. */
  public boolean isExpired(JobRecord record, Instant now) {
    if (JobRecords.isBeingDeleted(record)) {
      return true;
    }
    return !Transitions.isHeld(record.getJob().getStatus().getState())
        && !expireTime(record).isAfter(now);
  }

  /**
   * Sets the record's wake time: when its next timer is due, or earlier.
   *
   * <p>A wake time that is too early does no harm: the tick finds nothing due and sets the next
   * one. So a lease that is renewed ten times a second does not move the job in its store's index
   * of wake times. The wake time of a finished job is exact, since most are never changed again.
   */
  void schedule(JobRecord.Builder record, ClockReading clock) {
    Instant next = earlier(next(record, clock), WebhookRule.nextTry(record.getJob().getStatus()));
    if (next.equals(NEVER)) {
      record.clearWakeTime();
      return;
    }
    boolean isFinished = Transitions.isFinished(record.getJob().getStatus().getState());
    if (record.hasWakeTime() && !isFinished) {
      Instant planned = Times.instant(record.getWakeTime());
      if (planned.isAfter(clock.now()) && !planned.isAfter(next)) {
        return;
      }
    }
    record.setWakeTime(Times.timestamp(next));
  }

  private Instant next(JobRecordOrBuilder record, ClockReading clock) {
    if (JobRecords.isParent(record)) {
      return ParentCommands.nextTime(record, this);
    }
    return switch (record.getJob().getStatus().getState()) {
      case JOB_STATE_QUEUED ->
          earlier(
              earlier(claimableTime(record), queueTimeout(record)),
              earlier(totalTimeout(record), expireTime(record)));
      case JOB_STATE_RUNNING ->
          earlier(
              earlier(leaseEnd(record, clock), attemptTimeout(record)),
              earlier(totalTimeout(record), nextStall(record)));
      case JOB_STATE_CANCELLING -> earlier(leaseEnd(record, clock), graceEnd(record, clock));
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> expireTime(record);
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "not the state of a job: " + record.getJob().getStatus().getState());
    };
  }

  private Instant nextStall(JobRecordOrBuilder record) {
    return record.getJob().getStatus().getHealth() == JobHealth.JOB_HEALTH_STALLED
        ? NEVER
        : stallTime(record);
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /**
   * Truncated to the stored precision. Otherwise a due time could lie after its own wake time, and
   * the tick at that time would only schedule itself again.
   */
  static Instant after(Instant start, Duration wait) {
    return Times.truncate(start.plus(wait));
  }
}
