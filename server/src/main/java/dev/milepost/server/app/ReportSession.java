package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.watch.AttemptHub;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The reports of one stream: commits them, and follows the attempts that they belong to, so that
 * the worker is told at once when one of them is to stop. Follows a bounded number of attempts, and
 * holds at most one notice for each. Thread-safe.
 */
public final class ReportSession implements AutoCloseable {
  /** Attempts that are followed: those that used the stream last. */
  static final int MAX_FOLLOWED = 1_000;

  private final Reports reports;
  private final AttemptHub hub;
  private final Caller caller;
  private final Runnable onNotice;

  /** Guarded by this, in the order of their last use. */
  private final Map<AttemptId, FollowedAttempt> followed = new LinkedHashMap<>(16, 0.75f, true);

  /** Those that have something to say. Guarded by this. */
  private final Set<FollowedAttempt> raised = new LinkedHashSet<>();

  private boolean closed;

  /**
   * Opens a session.
   *
   * @param onNotice called on any thread when {@link #next} may have a notice; must be quick and
   *     must not throw
   */
  ReportSession(Reports reports, AttemptHub hub, Caller caller, Runnable onNotice) {
    this.reports = reports;
    this.hub = hub;
    this.caller = caller;
    this.onNotice = onNotice;
  }

  /** What names an attempt: only its token tells it from other attempts of the job. */
  private record AttemptId(String jobId, String token) {}

  /**
   * Commits the report, or renews the lease if there is none, and follows the attempt. The stage is
   * the store's own, so stages complete in the order of the commits.
   */
  public CompletionStage<Reports.Committed> report(ReportStreamRequest request) {
    FollowedAttempt attempt = follow(request.getJobId(), request.getAttemptToken());
    CompletionStage<Reports.Committed> decided;
    try {
      decided = reports.onStream(caller, request);
    } catch (RuntimeException | Error e) {
      decided = CompletableFuture.failedFuture(e);
    }
    var unused = decided.whenComplete((committed, failure) -> answered(attempt, committed));
    return decided;
  }

  private synchronized FollowedAttempt follow(String jobId, String token) {
    AttemptId id = new AttemptId(jobId, token);
    FollowedAttempt known = followed.get(id);
    if (known != null) {
      return known;
    }
    FollowedAttempt added =
        new FollowedAttempt(new JobKey(caller.tenantId(), jobId), token, this::raise);
    if (!closed) {
      followed.put(id, added);
      // Before the decision, so that no change after it is missed.
      hub.follow(added.key(), added);
      if (followed.size() > MAX_FOLLOWED) {
        remove(followed.values().iterator().next());
      }
    }
    return added;
  }

  /** The token and the caller's right to use it are proved by the first acknowledgement. */
  private void answered(FollowedAttempt attempt, Reports.@Nullable Committed committed) {
    if (committed != null) {
      attempt.acknowledged(committed);
    } else if (!attempt.isProved()) {
      synchronized (this) {
        remove(attempt);
      }
    }
  }

  private void raise(FollowedAttempt attempt) {
    synchronized (this) {
      if (followed.get(id(attempt)) != attempt) {
        return;
      }
      raised.add(attempt);
    }
    onNotice.run();
  }

  private static AttemptId id(FollowedAttempt attempt) {
    return new AttemptId(attempt.key().jobId(), attempt.token());
  }

  private void remove(FollowedAttempt attempt) {
    followed.remove(id(attempt), attempt);
    raised.remove(attempt);
    hub.unfollow(attempt.key(), attempt);
  }

  /** Takes the next notice; null if there is none. */
  public synchronized @Nullable ReportStreamResponse next() {
    while (!raised.isEmpty()) {
      FollowedAttempt attempt = raised.iterator().next();
      raised.remove(attempt);
      ReportStreamResponse notice = attempt.take(reports);
      if (attempt.isOver()) {
        remove(attempt);
      }
      if (notice != null) {
        return notice;
      }
    }
    return null;
  }

  /** Follows nothing any more. */
  @Override
  public synchronized void close() {
    closed = true;
    followed.values().forEach(attempt -> hub.unfollow(attempt.key(), attempt));
    followed.clear();
    raised.clear();
  }
}
