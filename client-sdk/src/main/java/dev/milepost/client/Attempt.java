package dev.milepost.client;

import dev.milepost.v1.AttemptGrant;
import dev.milepost.v1.Job;
import java.time.Duration;

/**
 * An attempt granted to this process.
 *
 * @param job the job when the attempt was granted
 */
record Attempt(Job job, AttemptGrant grant) {
  String jobId() {
    return job.getId();
  }

  String token() {
    return grant.getAttemptToken();
  }

  /** How long the lease lasts after each report or heartbeat. */
  Duration lease() {
    return grant.hasLease() ? Times.duration(grant.getLease()) : Duration.ofSeconds(30);
  }

  Duration heartbeatInterval() {
    return grant.hasHeartbeatInterval()
        ? Times.duration(grant.getHeartbeatInterval())
        : lease().dividedBy(3);
  }
}
