package dev.milepost.server.app;

import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Looks at all jobs that match a filter, for questions that no store keeps an answer to, since each
 * report or create would have to pay for it. That is the same on every store, and is for some
 * thousands of jobs: those of one user, one batch, one state. Of more it says so, and never answers
 * from a part of them.
 */
final class JobScan {
  /** Jobs that may match. */
  static final int MOST = 10_000;

  /** Jobs that a store is asked for at a time. */
  private static final int SLICE = 1_000;

  /** A store looks at two thousand for a slice, and finds none where few match. */
  private static final int MOST_SLICES = 20;

  private final JobStore store;
  private final int most;

  /**
   * Over a store.
   *
   * @param most jobs that may match
   */
  JobScan(JobStore store, int most) {
    this.store = store;
    this.most = most;
  }

  /**
   * Shows every job that matches to somebody, on threads that follow one another.
   *
   * @param purpose what they are looked at for, such as "sort by priority"
   * @return completes when all have been shown; fails with {@link Refusal.TooManyMatchingJobs}
   *     where more match than may, or too many would have to be looked through to find them
   */
  CompletionStage<Void> all(JobFilter filter, String purpose, Consumer<JobRecord> looker) {
    return slice(new Look(filter, purpose, looker), Optional.empty(), MOST_SLICES, most);
  }

  private record Look(JobFilter filter, String purpose, Consumer<JobRecord> looker) {}

  private CompletionStage<Void> slice(
      Look look, Optional<String> position, int slicesLeft, int jobsLeft) {
    return store
        .list(new JobQuery(look.filter(), true, position, SLICE))
        .thenCompose(
            slice -> {
              int left = jobsLeft - slice.jobs().size();
              if (left < 0 || (slice.next().isPresent() && slicesLeft == 1)) {
                throw new Refusal.TooManyMatchingJobs(look.purpose(), most);
              }
              slice.jobs().forEach(look.looker());
              return slice.next().isPresent()
                  ? slice(look, slice.next(), slicesLeft - 1, left)
                  : CompletableFuture.<Void>completedFuture(null);
            });
  }
}
