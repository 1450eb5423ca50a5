package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.storage.v1.ClockStamp;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.JobRecordOrBuilder;
import dev.milepost.storage.v1.ParentRecord;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobStatusOrBuilder;
import dev.milepost.v1.WebhookDelivery;
import dev.milepost.v1.WebhookDeliveryState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Keeps a job's timers on the elapsed time although its record has times of a clock that can be
 * set.
 *
 * <p>Each record is stamped with the clock that wrote it. If that clock has jumped when the record
 * is read, all timers are moved by the jump: leases, grace periods, timeouts, backoffs. Leases and
 * grace periods are also moved by pauses of the server, during which it heard of no worker.
 *
 * <ul>
 *   <li>Future times that callers see (such as when the lease expires) are moved themselves, since
 *       they announce what the clock will show.
 *   <li>Past times that callers see (such as when the attempt started) stay: the stamp keeps how
 *       far they have to be moved.
 *   <li>Times that a caller has set ({@code not_before_time}, {@code expire_time}) are times of the
 *       wall clock, and are not moved. Nor is the end of retention.
 * </ul>
 *
 * <p>Of a record that another clock has written (that of another server, or of this one before its
 * restart), the jumps are not known. Leases and grace periods then last for their full length after
 * {@link ClockReading#servingSince()}. If the record was last changed in the future, that clock was
 * ahead: the job is treated as if it had been changed at that moment.
 */
final class TimerShift {
  /** By how much the clocks of servers that share a store may differ. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private TimerShift() {}

  /**
   * Returns a record with its timers on a clock. If something had to move, it has the stamp of that
   * clock; else it is the same record.
   */
  static JobRecord adopt(JobRecord record, ClockReading clock, JobTimers timers) {
    if (clock.run() == 0) {
      return record;
    }
    ClockStamp stamp = record.getClock();
    if (stamp.getRun() == clock.run()) {
      long jumped = clock.jumpedMicros() - stamp.getJumpedMicros();
      long paused = clock.pausedMicros() - stamp.getPausedMicros();
      return jumped == 0 && paused == 0 ? record : shift(record, jumped, paused, clock);
    }
    Instant changed = Times.instant(record.getJob().getStatus().getUpdateTime());
    JobRecord shifted =
        changed.isAfter(clock.now().plus(TOLERANCE))
            ? shift(record, ChronoUnit.MICROS.between(changed, clock.servingSince()), 0, clock)
            : record;
    return extend(shifted, clock, timers);
  }

  /** Sets by which clock the timers of a record run. */
  static void stamp(JobRecord.Builder record, ClockReading clock) {
    ClockStamp last = record.getClock();
    boolean isSame =
        last.getRun() == clock.run()
            && last.getJumpedMicros() == clock.jumpedMicros()
            && last.getPausedMicros() == clock.pausedMicros();
    if (clock.run() != 0 && !isSame) {
      stamp(record.getClockBuilder(), clock);
    }
  }

  private static void stamp(ClockStamp.Builder stamp, ClockReading clock) {
    stamp
        .setRun(clock.run())
        .setJumpedMicros(clock.jumpedMicros())
        .setPausedMicros(clock.pausedMicros());
  }

  private static JobRecord shift(JobRecord from, long jumped, long paused, ClockReading clock) {
    long silent = jumped + paused;
    JobRecord.Builder record = from.toBuilder();
    JobStatus.Builder status = record.getJobBuilder().getStatusBuilder();
    ClockStamp.Builder stamp = record.getClockBuilder();
    stamp(stamp, clock);
    if (record.hasLifeStartTime()) {
      record.setLifeStartTime(Times.plusMicros(record.getLifeStartTime(), jumped));
    }
    if (record.hasProgressSampleTime()) {
      record.setProgressSampleTime(Times.plusMicros(record.getProgressSampleTime(), jumped));
    }
    if (status.hasStartTime()) {
      stamp.setStartShiftMicros(stamp.getStartShiftMicros() + jumped);
    }
    if (status.getAttemptsCount() > 0) {
      stamp
          .setAttemptShiftMicros(stamp.getAttemptShiftMicros() + jumped)
          .setProgressShiftMicros(stamp.getProgressShiftMicros() + silent);
    }
    if (status.hasClaimableTime() && !isSetByCaller(status.getClaimableTime(), from)) {
      status.setClaimableTime(Times.plusMicros(status.getClaimableTime(), jumped));
    }
    if (status.hasLeaseExpireTime()) {
      status.setLeaseExpireTime(Times.plusMicros(status.getLeaseExpireTime(), silent));
    }
    if (status.getState() == JobState.JOB_STATE_CANCELLING
        && status.getCancel().hasGraceExpireTime()) {
      status
          .getCancelBuilder()
          .setGraceExpireTime(Times.plusMicros(status.getCancel().getGraceExpireTime(), silent));
      stamp.setCancelShiftMicros(stamp.getCancelShiftMicros() + silent);
    }
    shiftWebhook(status, jumped);
    if (record.hasParentRecord()) {
      shiftParent(record.getParentRecordBuilder(), jumped, silent);
    }
    return record.build();
  }

  /** A job that waits for its not_before_time, and not for the end of a backoff. */
  private static boolean isSetByCaller(Timestamp claimable, JobRecord record) {
    return record.getJob().getSpec().hasNotBeforeTime()
        && Times.instant(claimable)
            .equals(Times.truncate(Times.instant(record.getJob().getSpec().getNotBeforeTime())));
  }

  private static void shiftWebhook(JobStatus.Builder status, long jumped) {
    for (int i = 0; i < status.getWebhookDeliveriesCount(); i++) {
      WebhookDelivery delivery = status.getWebhookDeliveries(i);
      if (delivery.getDeliveryState() == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING) {
        status
            .getWebhookDeliveriesBuilder(i)
            .setNextTryTime(Times.plusMicros(delivery.getNextTryTime(), jumped))
            .setExpireTime(Times.plusMicros(WebhookRule.expireTime(delivery), jumped));
      }
    }
  }

  /** The stream that fills a batch is silent while the server is paused, too. */
  private static void shiftParent(ParentRecord.Builder parent, long jumped, long silent) {
    if (parent.hasAbandonTime()) {
      parent.setAbandonTime(Times.plusMicros(parent.getAbandonTime(), silent));
    }
    if (parent.getWork().hasDueTime()) {
      parent.getWorkBuilder().setDueTime(Times.plusMicros(parent.getWork().getDueTime(), jumped));
    }
  }

  /** Lets a lease and a grace period last for their full length since the server serves. */
  private static JobRecord extend(JobRecord record, ClockReading clock, JobTimers timers) {
    JobStatus status = record.getJob().getStatus();
    if (!Transitions.isHeld(status.getState()) || !status.hasLeaseExpireTime()) {
      return record;
    }
    Instant lease = Times.instant(status.getLeaseExpireTime());
    Instant minLease =
        JobTimers.after(
            clock.servingSince(), timers.lease(record.getJob().getSpec().getTimeouts()));
    boolean hasGrace =
        status.getState() == JobState.JOB_STATE_CANCELLING
            && status.getCancel().hasGraceExpireTime();
    Instant grace = Times.instant(status.getCancel().getGraceExpireTime());
    Instant minGrace = clock.servingSince().plus(hasGrace ? grace(record) : Duration.ZERO);
    boolean longerLease = minLease.isAfter(lease);
    boolean longerGrace = hasGrace && minGrace.isAfter(grace);
    if (!longerLease && !longerGrace) {
      return record;
    }
    JobRecord.Builder extended = record.toBuilder();
    stamp(extended, clock);
    JobStatus.Builder to = extended.getJobBuilder().getStatusBuilder();
    if (longerLease) {
      to.setLeaseExpireTime(Times.timestamp(minLease));
    }
    if (longerGrace) {
      to.getCancelBuilder().setGraceExpireTime(Times.timestamp(minGrace));
      long longer = ChronoUnit.MICROS.between(grace, minGrace);
      extended
          .getClockBuilder()
          .setCancelShiftMicros(extended.getClock().getCancelShiftMicros() + longer);
    }
    return extended.build();
  }

  /** The length of the grace period of a cancelling job. */
  static Duration grace(JobRecordOrBuilder record) {
    CancelInfo cancel = record.getJob().getStatus().getCancel();
    Instant start =
        Times.instant(cancel.getRequestTime())
            .plus(record.getClock().getCancelShiftMicros(), ChronoUnit.MICROS);
    return Duration.between(start, Times.instant(cancel.getGraceExpireTime()));
  }

  /** When the current attempt started, on the clock of the record. */
  static Instant attemptStart(JobRecordOrBuilder record) {
    return publicAttemptStart(record)
        .plus(record.getClock().getAttemptShiftMicros(), ChronoUnit.MICROS);
  }

  /** When the current attempt last reported something new, on the clock of the record. */
  static Instant lastProgress(JobRecordOrBuilder record) {
    JobStatus status = record.getJob().getStatus();
    Instant reported =
        status.getProgress().hasLastProgressTime()
            ? Times.instant(status.getProgress().getLastProgressTime())
            : publicAttemptStart(record);
    return reported.plus(record.getClock().getProgressShiftMicros(), ChronoUnit.MICROS);
  }

  private static Instant publicAttemptStart(JobRecordOrBuilder record) {
    JobStatus status = record.getJob().getStatus();
    return Times.instant(status.getAttempts(status.getAttemptsCount() - 1).getStartTime());
  }

  /**
   * When a job first started, on the clock of the record.
   *
   * @param status the status of the record, which may have been edited
   */
  static Instant start(JobRecordOrBuilder record, JobStatusOrBuilder status) {
    return Times.instant(status.getStartTime())
        .plus(record.getClock().getStartShiftMicros(), ChronoUnit.MICROS);
  }

  /** A new attempt starts on the clock that decides. */
  static void restartAttempt(JobRecord.Builder record) {
    if (record.hasClock()) {
      record.getClockBuilder().clearAttemptShiftMicros().clearProgressShiftMicros();
    }
  }

  /** Progress was made now, on the clock that decides. */
  static void restartProgress(JobRecord.Builder record) {
    if (record.getClock().getProgressShiftMicros() != 0) {
      record.getClockBuilder().clearProgressShiftMicros();
    }
  }

  /** A new grace period starts on the clock that decides. */
  static void restartGrace(JobRecord.Builder record) {
    if (record.hasClock()) {
      record.getClockBuilder().clearCancelShiftMicros();
    }
  }
}
