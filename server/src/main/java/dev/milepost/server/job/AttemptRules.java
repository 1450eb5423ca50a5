package dev.milepost.server.job;

import com.google.protobuf.ByteString;
import dev.milepost.storage.v1.AttemptEnd;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The lease of an attempt: how it starts, is checked and is renewed. */
final class AttemptRules {
  private AttemptRules() {}

  /** Whether a token belongs to the attempt that holds the job, and its lease has not expired. */
  static boolean holds(JobRecord record, String token, ClockReading clock, JobTimers timers) {
    return Transitions.isHeld(record.getJob().getStatus().getState())
        && sameToken(record.getAttemptToken(), token)
        && clock.now().isBefore(timers.leaseEnd(record, clock));
  }

  /** Whether a command repeats the one that ended its attempt. */
  static boolean repeatsTheEnd(JobRecord record, JobCommand.OfAttempt command) {
    AttemptEnd end = record.getLastEnd();
    return sameToken(end.getAttemptToken(), command.attemptToken())
        && end.getCommand().equals(command.kind().name())
        && end.getFingerprint().equals(Fingerprints.of(command));
  }

  /** Compares in constant time, so that a token cannot be guessed character by character. */
  static boolean sameToken(String expected, String actual) {
    return !expected.isEmpty()
        && MessageDigest.isEqual(
            expected.getBytes(StandardCharsets.UTF_8), actual.getBytes(StandardCharsets.UTF_8));
  }

  static JobDecision.Put claim(JobEdit edit, JobCommand.Claim claim) {
    JobStatus.Builder status = edit.status();
    boolean waits =
        status.hasClaimableTime() && Times.instant(status.getClaimableTime()).isAfter(edit.now());
    if (waits || edit.current().getHeldBack()) {
      throw new Refusal.InvalidStateTransition(
          edit.jobId(),
          status.getState(),
          CommandKind.CLAIM,
          Transitions.allowed(status.getState()));
    }
    status.clearClaimableTime().clearCancel();
    edit.record().clearProgressSampleTime();
    if (status.hasCheckpoint()) {
      status.getProgressBuilder().clearRate().clearEstimatedEndTime().clearLastProgressTime();
    } else {
      status.clearProgress().clearStage().clearOutcome();
      edit.record().clearOutcomeFull().clearReportsProgress();
      ReportRule.followItems(edit);
    }
    edit.beginAttempt(claim.workerId(), claim.attemptToken());
    if (!status.hasStartTime()) {
      status.setStartTime(edit.time());
    }
    edit.renewLease();
    edit.transitionTo(
        JobState.JOB_STATE_RUNNING, claim.workerId(), "", JobError.getDefaultInstance());
    status.setHealth(JobHealth.JOB_HEALTH_OK);
    return edit.put();
  }

  static JobDecision heartbeat(JobEdit edit) {
    renew(edit);
    return edit.put();
  }

  /**
   * A report that is already committed changes nothing, but its response may be the first to carry
   * a cancel request.
   */
  static JobDecision repeatedReport(JobEdit edit) {
    return deliverCancel(edit) ? edit.put() : edit.keep();
  }

  /** Renews the lease of a worker, and records that the response carries a cancel request. */
  static void renew(JobEdit edit) {
    edit.renewLease();
    deliverCancel(edit);
  }

  /**
   * Records that the response carries a cancel request. Returns false if there is none, or an
   * earlier response carried it.
   */
  private static boolean deliverCancel(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    if (status.getState() != JobState.JOB_STATE_CANCELLING || status.getCancel().hasDeliverTime()) {
      return false;
    }
    status.getCancelBuilder().setDeliverTime(edit.time());
    return true;
  }

  /** Ends the attempt, and records the command so that a repetition gets the same response. */
  static void end(
      JobEdit edit, JobCommand.OfAttempt command, AttemptOutcome outcome, JobError error) {
    ByteString fingerprint = Fingerprints.of(command);
    edit.record()
        .setLastEnd(
            AttemptEnd.newBuilder()
                .setAttemptToken(command.attemptToken())
                .setCommand(command.kind().name())
                .setFingerprint(fingerprint));
    edit.status().setHeartbeatTime(edit.time());
    edit.endAttempt(outcome, error);
  }
}
