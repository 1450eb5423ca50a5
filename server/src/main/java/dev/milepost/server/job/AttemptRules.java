package dev.milepost.server.job;

import com.google.protobuf.ByteString;
import dev.milepost.storage.v1.AttemptEnd;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;

/** The right of an attempt to write: how it begins, is proved, is renewed. */
final class AttemptRules {
  private AttemptRules() {}

  /** Whether the token is that of the job's current attempt, and its lease has not ended. */
  static boolean holds(JobRecord record, String token, Instant now, JobTimers timers) {
    return Transitions.isHeld(record.getJob().getStatus().getState())
        && sameToken(record.getAttemptToken(), token)
        && now.isBefore(timers.leaseEnd(record));
  }

  /** Whether the command says again, word for word, how its attempt ended. */
  static boolean repeatsTheEnd(JobRecord record, JobCommand.OfAttempt command) {
    AttemptEnd end = record.getLastEnd();
    return sameToken(end.getAttemptToken(), command.attemptToken())
        && end.getCommand().equals(command.kind().name())
        && end.getFingerprint().equals(Fingerprints.of(command));
  }

  /** In constant time, so that a token cannot be guessed letter by letter. */
  private static boolean sameToken(String expected, String actual) {
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
    hear(edit);
    return edit.put();
  }

  /**
   * A report that is committed already changes nothing, but its answer may be the first to carry a
   * request to cancel.
   */
  static JobDecision repeatedReport(JobEdit edit) {
    return deliverCancel(edit) ? edit.put() : edit.keep();
  }

  /** The worker was heard, and its answer will carry what it must know. */
  static void hear(JobEdit edit) {
    edit.renewLease();
    deliverCancel(edit);
  }

  /**
   * Notes that the worker is told of a request to cancel; false where there is none, or it was
   * told.
   */
  private static boolean deliverCancel(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    if (status.getState() != JobState.JOB_STATE_CANCELLING || status.getCancel().hasDeliverTime()) {
      return false;
    }
    status.getCancelBuilder().setDeliverTime(edit.time());
    return true;
  }

  /** Ends the attempt as its worker says, and remembers what it said. */
  static void end(
      JobEdit edit,
      JobCommand.OfAttempt command,
      dev.milepost.v1.AttemptOutcome outcome,
      JobError error) {
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
