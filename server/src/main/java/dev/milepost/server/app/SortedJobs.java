package dev.milepost.server.app;

import dev.milepost.server.app.JobOrder.Place;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobPage;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;

/** Lists jobs in an order that no store has an index for: keeps the best of all that match. */
final class SortedJobs {
  private final JobScan scan;

  SortedJobs(JobScan scan) {
    this.scan = scan;
  }

  /**
   * Returns a page.
   *
   * @param after {@link JobPage#next()} of the previous page
   * @return fails with {@link Refusal.TooManyMatchingJobs} as {@link JobScan#all} does
   */
  CompletionStage<JobPage> page(
      JobFilter filter, JobOrder order, Optional<String> after, int limit) {
    Page page = new Page(order, after.map(Place::parse), limit);
    return scan.all(filter, "sort by " + order.field(), page::offer).thenApply(done -> page.end());
  }

  /** The best jobs so far, and one more that shows whether there is another page. */
  private static final class Page {
    private final JobOrder order;
    private final Optional<Place> after;
    private final int limit;
    private final Comparator<Place> comparator;
    private final PriorityQueue<JobRecord> worstFirst;

    Page(JobOrder order, Optional<Place> after, int limit) {
      this.order = order;
      this.after = after;
      this.limit = limit;
      this.comparator = order.comparator();
      this.worstFirst =
          new PriorityQueue<>(
              Comparator.comparing((JobRecord job) -> order.placeOf(job.getJob()), comparator)
                  .reversed());
    }

    void offer(JobRecord job) {
      Place place = order.placeOf(job.getJob());
      if (after.isPresent() && comparator.compare(place, after.get()) <= 0) {
        return;
      }
      worstFirst.add(job);
      if (worstFirst.size() > limit + 1) {
        worstFirst.remove();
      }
    }

    JobPage end() {
      Deque<JobRecord> bestFirst = new ArrayDeque<>();
      while (!worstFirst.isEmpty()) {
        bestFirst.addFirst(worstFirst.remove());
      }
      List<JobRecord> jobs = new ArrayList<>(bestFirst);
      if (jobs.size() <= limit) {
        return new JobPage(jobs, Optional.empty());
      }
      List<JobRecord> shown = jobs.subList(0, limit);
      Place last = order.placeOf(shown.get(limit - 1).getJob());
      return new JobPage(shown, Optional.of(last.toString()));
    }
  }
}
