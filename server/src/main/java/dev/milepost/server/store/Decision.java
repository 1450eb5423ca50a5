package dev.milepost.server.store;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.RequestRecord;
import java.util.List;
import java.util.Optional;

/**
 * The outcome of an update.
 *
 * @param changes changes to jobs, at most one for each job
 * @param request record of the idempotent request, if it is to be remembered
 * @param isCopy whether the changes are parts of jobs of another store, whose revisions and
 *     journals may go on at any number
 * @param result what the caller receives after the commit
 * @param <R> type of the result
 */
public record Decision<R>(
    List<JobDecision> changes, Optional<RequestRecord> request, boolean isCopy, R result) {
  /** Copies the changes. */
  public Decision {
    changes = List.copyOf(changes);
  }

  /** A decision on jobs of this store. */
  public Decision(List<JobDecision> changes, Optional<RequestRecord> request, R result) {
    this(changes, request, false, result);
  }

  /** A decision that changes one job. */
  public static <R> Decision<R> of(JobDecision change, R result) {
    return of(List.of(change), result);
  }

  /** A decision that changes several jobs. */
  public static <R> Decision<R> of(List<JobDecision> changes, R result) {
    return new Decision<>(changes, Optional.empty(), result);
  }

  /** A decision that adds parts of jobs of another store. */
  public static <R> Decision<R> ofCopy(List<JobDecision> changes, R result) {
    return new Decision<>(changes, Optional.empty(), true, result);
  }

  /** A decision that changes nothing. */
  public static <R> Decision<R> nothing(R result) {
    return new Decision<>(List.of(), Optional.empty(), result);
  }
}
