package dev.milepost.server.store;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.RequestRecord;
import java.util.List;
import java.util.Optional;

/**
 * What an update comes to.
 *
 * @param changes what becomes of jobs; at most one for each
 * @param request what to remember of the idempotent request
 * @param result what the caller gets once it is committed
 * @param <R> type of the result
 */
public record Decision<R>(List<JobDecision> changes, Optional<RequestRecord> request, R result) {
  /** Copies the changes. */
  public Decision {
    changes = List.copyOf(changes);
  }

  /** Changes one job. */
  public static <R> Decision<R> of(JobDecision change, R result) {
    return of(List.of(change), result);
  }

  /** Changes jobs. */
  public static <R> Decision<R> of(List<JobDecision> changes, R result) {
    return new Decision<>(changes, Optional.empty(), result);
  }

  /** Changes nothing. */
  public static <R> Decision<R> nothing(R result) {
    return new Decision<>(List.of(), Optional.empty(), result);
  }
}
