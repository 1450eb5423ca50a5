package dev.milepost.server.app;

import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.watch.AttemptListener;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AttemptNotice;
import dev.milepost.v1.Directive;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ReportStreamResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that a report stream follows: finds out from the changes of its job whether its
 * worker is to stop. Says so once for a cancel and once for the loss of the lease, and only after
 * its worker has proved that it holds the attempt. Thread-safe.
 */
final class FollowedAttempt implements AttemptListener {
  private final JobKey key;
  private final String token;
  private final Consumer<FollowedAttempt> onRaised;

  // Guarded by this.
  private boolean proved;
  private boolean knowsCancel;
  private boolean over;
  private int attempt;
  private @Nullable JobRecord cancelling;
  private @Nullable CallerException lost;

  /**
   * Starts with an attempt that nothing is known of.
   *
   * @param onRaised called when {@link #take} has something to say
   */
  FollowedAttempt(JobKey key, String token, Consumer<FollowedAttempt> onRaised) {
    this.key = key;
    this.token = token;
    this.onRaised = onRaised;
  }

  JobKey key() {
    return key;
  }

  String token() {
    return token;
  }

  @Override
  public void changed(JobKey any, @Nullable JobRecord after) {
    if (take(after)) {
      onRaised.accept(this);
    }
  }

  private synchronized boolean take(@Nullable JobRecord after) {
    if (over || lost != null) {
      return false;
    }
    if (after == null) {
      lost = new Refusal.JobNotFound(key.jobId());
      return proved;
    }
    if (JobRecords.isHeldBy(after, token)) {
      boolean isNew =
          after.getJob().getStatus().getState() == JobState.JOB_STATE_CANCELLING && !knowsCancel;
      if (isNew) {
        knowsCancel = true;
        cancelling = after;
      }
      return isNew && proved;
    }
    if (JobRecords.hasEnded(after, token)) {
      // Its own worker has ended it, and gets that call's response.
      over = true;
      cancelling = null;
      return proved;
    }
    lost = JobRecords.leaseLost(after, token);
    return proved;
  }

  /** A report of the attempt was committed, so its worker holds it. */
  void acknowledged(Reports.Committed committed) {
    boolean hasWaited;
    synchronized (this) {
      attempt = committed.attempt();
      hasWaited = !proved && (cancelling != null || lost != null || over);
      proved = true;
      if (committed.ack().getDirective() == Directive.DIRECTIVE_CANCEL) {
        knowsCancel = true;
        cancelling = null;
      }
    }
    if (hasWaited) {
      onRaised.accept(this);
    }
  }

  synchronized boolean isProved() {
    return proved;
  }

  /** Returns whether nothing more will be said of the attempt. */
  synchronized boolean isOver() {
    return over;
  }

  /** Takes the latest notice; null if there is none. */
  synchronized @Nullable ReportStreamResponse take(Reports reports) {
    AttemptNotice.Builder notice = AttemptNotice.newBuilder().setAttempt(attempt);
    CallerException loss = lost;
    JobRecord record = cancelling;
    cancelling = null;
    if (over || (loss == null && record == null)) {
      return null;
    }
    if (loss != null) {
      over = true;
      notice.setError(loss.status());
    } else if (record != null) {
      notice.setAck(reports.ack(record));
    }
    return ReportStreamResponse.newBuilder().setJobId(key.jobId()).setNotice(notice).build();
  }
}
