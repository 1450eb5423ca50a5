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

  private AttemptGrants() {}

  static AttemptGrant of(JobRecord record, JobRules rules) {
    Duration lease = rules.timers().lease(record.getJob().getSpec().getTimeouts());
    return AttemptGrant.newBuilder()
        .setAttemptToken(record.getAttemptToken())
        .setAttempt(record.getJob().getStatus().getAttempt())
        .setLeaseExpireTime(record.getJob().getStatus().getLeaseExpireTime())
        .setLease(Times.duration(lease))
        .setHeartbeatInterval(Times.duration(lease.dividedBy(HEARTBEATS_PER_LEASE)))
        .setCommittedSeq(record.getReportSeq())
        .build();
  }
}
