package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says when a time of a job is due: its lease, its grace, its time-outs, its place in the queue,
 * its expiry.
 */
public final class JobTimers {
  private final JobDefaults defaults;
  private final Instant servingSince;

  JobTimers(JobDefaults defaults, Instant servingSince) {
    this.defaults = defaults;
    this.servingSince = Times.grain(servingSince);
  }

  /** How long a worker of such a job may be silent. */
  public Duration lease(JobTimeouts timeouts) {
    return timeouts.hasLease() ? Times.duration(timeouts.getLease()) : defaults.lease();
  }

  Duration cancelGrace(JobTimeouts timeouts) {
    return timeouts.hasCancelGrace()
        ? Times.duration(timeouts.getCancelGrace())
        : defaults.cancelGrace();
  }

  /** When the lease of a held job ends. */
  Instant leaseEnd(JobRecord record) {
    Instant written = Times.instant(record.getJob().getStatus().getLeaseExpireTime());
    Instant sinceStart = after(servingSince, lease(record.getJob().getSpec().getTimeouts()));
    return written.isAfter(sinceStart) ? written : sinceStart;
  }

  /**
   * When a cancelling job no longer waits for its worker, which cannot confirm to a server that is
   * down: like the lease, the grace lasts for its full length after a start.
   */
  Instant graceEnd(JobRecord record) {
    CancelInfo cancel = record.getJob().getStatus().getCancel();
    Instant written = Times.instant(cancel.getGraceExpireTime());
    Duration grace = Duration.between(Times.instant(cancel.getRequestTime()), written);
    Instant sinceStart = servingSince.plus(grace);
    return written.isAfter(sinceStart) ? written : sinceStart;
  }

  /** When a running job shows as stalled if it reports nothing new. */
  Instant stallTime(JobRecord record) {
    JobStatus status = record.getJob().getStatus();
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    Instant moved =
        status.getProgress().hasLastProgressTime()
            ? Times.instant(status.getProgress().getLastProgressTime())
            : attemptStart(status);
    return after(
        moved,
        timeouts.hasStallAfter()
            ? Times.duration(timeouts.getStallAfter())
            : defaults.stallAfter());
  }

  Optional<Instant> attemptTimeout(JobRecord record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    return timeouts.hasAttempt()
        ? Optional.of(
            after(attemptStart(record.getJob().getStatus()), Times.duration(timeouts.getAttempt())))
        : Optional.empty();
  }

  Optional<Instant> totalTimeout(JobRecord record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    return timeouts.hasTotal()
        ? Optional.of(
            after(Times.instant(record.getLifeStartTime()), Times.duration(timeouts.getTotal())))
        : Optional.empty();
  }

  /**
   * Only while no attempt has begun since the job was created or retried by hand. A job that may
   * not be claimed yet does not wait for a worker: its time counts from when it may.
   */
  Optional<Instant> queueTimeout(JobRecord record) {
    JobTimeouts timeouts = record.getJob().getSpec().getTimeouts();
    JobStatus status = record.getJob().getStatus();
    Instant lifeStart = Times.instant(record.getLifeStartTime());
    boolean begun = status.getAttemptsCount() > 0 && !attemptStart(status).isBefore(lifeStart);
    if (!timeouts.hasQueue() || begun) {
      return Optional.empty();
    }
    Instant notBefore = Times.instant(record.getJob().getSpec().getNotBeforeTime());
    Instant waitsSince = notBefore.isAfter(lifeStart) ? notBefore : lifeStart;
    return Optional.of(after(waitsSince, Times.duration(timeouts.getQueue())));
  }

  Optional<Instant> claimableTime(JobRecord record) {
    JobStatus status = record.getJob().getStatus();
    return status.hasClaimableTime()
        ? Optional.of(Times.instant(status.getClaimableTime()))
        : Optional.empty();
  }

  Optional<Instant> expireTime(JobRecord record) {
    return record.getJob().getSpec().hasExpireTime()
        ? Optional.of(Times.grain(Times.instant(record.getJob().getSpec().getExpireTime())))
        : Optional.empty();
  }

  /** Whether a job is gone for its readers because its expiry has passed. A held job never is. */
  public boolean isExpired(JobRecord record, Instant now) {
    return !Transitions.isHeld(record.getJob().getStatus().getState())
        && expireTime(record).map(time -> !time.isAfter(now)).orElse(false);
  }

  /**
   * Writes into the record when the clock next matters to it.
   *
   * <p>A time that is too early does no harm: the tick finds nothing due and sets the next. So a
   * lease that is renewed ten times a second does not move the job about in its store's index of
   * times.
   */
  JobRecord schedule(JobRecord record, Instant now) {
    Instant next = next(record);
    if (next == null) {
      return record.hasWakeTime() ? record.toBuilder().clearWakeTime().build() : record;
    }
    if (record.hasWakeTime()) {
      Instant planned = Times.instant(record.getWakeTime());
      if (planned.isAfter(now) && !planned.isAfter(next)) {
        return record;
      }
    }
    return record.toBuilder().setWakeTime(Times.timestamp(next)).build();
  }

  private @Nullable Instant next(JobRecord record) {
    Stream<Optional<Instant>> times =
        switch (record.getJob().getStatus().getState()) {
          case JOB_STATE_QUEUED ->
              Stream.of(
                  claimableTime(record),
                  queueTimeout(record),
                  totalTimeout(record),
                  expireTime(record));
          case JOB_STATE_RUNNING ->
              Stream.of(
                  Optional.of(leaseEnd(record)),
                  attemptTimeout(record),
                  totalTimeout(record),
                  nextStall(record));
          case JOB_STATE_CANCELLING ->
              Stream.of(Optional.of(leaseEnd(record)), Optional.of(graceEnd(record)));
          case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED ->
              Stream.of(expireTime(record));
          case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "no job is " + record.getJob().getStatus().getState());
        };
    return times.flatMap(Optional::stream).min(Instant::compareTo).orElse(null);
  }

  private Optional<Instant> nextStall(JobRecord record) {
    return record.getJob().getStatus().getHealth() == JobHealth.JOB_HEALTH_STALLED
        ? Optional.empty()
        : Optional.of(stallTime(record));
  }

  /**
   * In the grain of what is stored. A due time finer than the wake time made from it would leave
   * the tick at that time with nothing to do but to ask for itself again.
   */
  private static Instant after(Instant start, Duration wait) {
    return Times.grain(start.plus(wait));
  }

  private static Instant attemptStart(JobStatus status) {
    return Times.instant(status.getAttempts(status.getAttemptsCount() - 1).getStartTime());
  }
}
