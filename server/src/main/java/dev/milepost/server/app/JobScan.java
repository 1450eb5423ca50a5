package dev.milepost.server.app;

import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Scans all jobs that match a filter, for queries that no store maintains an index for, since every
 * report or create would pay for it. It behaves the same on every store and is meant for some
 * thousand jobs: those of one user, one batch, one state. If more match, it fails rather than
 * answer from a part of them.
 */
final class JobScan {
  /** Maximum number of matching jobs. */
  static final int MAX_JOBS = 10_000;

  /** Jobs read at a time. */
  private static final int SLICE = 1_000;

  /**
   * Maximum number of reads: a store examines two thousand jobs for each, or a hundred thousand
   * texts, and finds none if few match.
   */
  private static final int MAX_SLICES = 20;

  private final JobStore store;
  private final int most;

  /**
   * Scans a store.
   *
   * @param most maximum number of matching jobs
   */
  JobScan(JobStore store, int most) {
    this.store = store;
    this.most = most;
  }

  /**
   * Passes the {@link JobShape#OUTLINE outline} of every matching job to a consumer, on one thread
   * after another.
   *
   * @param purpose what the jobs are read for, such as "sort by priority"
   * @return completes after the last job, with those that cannot be read; fails with {@link
   *     Refusal.TooManyMatchingJobs} if more match than allowed or the matches are too sparse
   */
  CompletionStage<List<UnreadableJob>> all(
      JobFilter filter, String purpose, Consumer<JobRecord> consumer) {
    Query query = new Query(filter, purpose, consumer, new ArrayList<>());
    return slice(query, Optional.empty(), MAX_SLICES, most).thenApply(done -> query.unreadable());
  }

  private record Query(
      JobFilter filter,
      String purpose,
      Consumer<JobRecord> consumer,
      List<UnreadableJob> unreadable) {}

  private CompletionStage<Void> slice(
      Query query, Optional<String> position, int slicesLeft, int jobsLeft) {
    return store
        .list(
            new JobQuery(
                query.filter(), true, position, SLICE, JobQuery.MAX_BYTES, JobShape.OUTLINE))
        .thenCompose(
            slice -> {
              int left = jobsLeft - slice.jobs().size();
              if (left < 0 || (slice.next().isPresent() && slicesLeft == 1)) {
                throw new Refusal.TooManyMatchingJobs(query.purpose(), most);
              }
              slice.jobs().forEach(query.consumer());
              query.unreadable().addAll(slice.unreadable());
              return slice.next().isPresent()
                  ? slice(query, slice.next(), slicesLeft - 1, left)
                  : CompletableFuture.<Void>completedFuture(null);
            });
  }
}
