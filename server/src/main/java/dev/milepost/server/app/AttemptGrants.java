package dev.milepost.server.app;

import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AttemptGrant;
import java.time.Duration;

/** Creates the grants that prove a worker's lease. */
final class AttemptGrants {
  /** A lease survives two lost heartbeats. */
  private static final int HEARTBEATS_PER_LEASE = 3;

  /** Minimum interval because of a short grace period. */
  private static final Duration MIN_INTERVAL_IN_GRACE = Duration.ofMillis(500);

  private AttemptGrants() {}

  static AttemptGrant of(JobRecord record, JobRules rules) {
    Duration lease = rules.timers().lease(record.getJob().getSpec().getTimeouts());
    return AttemptGrant.newBuilder()
        .setAttemptToken(record.getAttemptToken())
        .setAttempt(record.getJob().getStatus().getAttempt())
        .setLeaseExpireTime(record.getJob().getStatus().getLeaseExpireTime())
        .setLease(Times.duration(lease))
        .setHeartbeatInterval(Times.duration(interval(record, rules, lease)))
        .setCommittedSeq(record.getReportSeq())
        .build();
  }

  /** Short enough to keep the lease, and to learn of a cancel within its grace period. */
  private static Duration interval(JobRecord record, JobRules rules, Duration lease) {
    Duration inLease = lease.dividedBy(HEARTBEATS_PER_LEASE);
    Duration inGrace =
        rules
            .timers()
            .cancelGrace(record.getJob().getSpec().getTimeouts())
            .dividedBy(HEARTBEATS_PER_LEASE);
    Duration needed =
        inGrace.compareTo(MIN_INTERVAL_IN_GRACE) < 0 ? MIN_INTERVAL_IN_GRACE : inGrace;
    return inLease.compareTo(needed) < 0 ? inLease : needed;
  }
}
