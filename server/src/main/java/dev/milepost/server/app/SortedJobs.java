package dev.milepost.server.app;

import dev.milepost.server.app.JobOrder.Place;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionStage;

/**
 * Lists jobs in an order that no store has an index for: scans the places of all that match, keeps
 * the first ones, and then reads their jobs.
 */
final class SortedJobs {
  private final JobScan scan;
  private final JobStore store;

  SortedJobs(JobScan scan, JobStore store) {
    this.scan = scan;
    this.store = store;
  }

  /**
   * Returns a page.
   *
   * @param after {@link JobPage#next()} of the previous page
   * @param shape what the page keeps of each job
   * @return fails with {@link Refusal.TooManyMatchingJobs} as {@link JobScan#all} does
   */
  CompletionStage<JobPage> page(
      JobFilter filter, JobOrder order, Optional<String> after, int limit, JobShape shape) {
    FirstPlaces first = new FirstPlaces(order, after.map(Place::parse), limit);
    // They may have changed since they were scanned.
    JobShape matching = job -> JobFilters.matches(filter, job.getJob()) ? shape.of(job) : null;
    return scan.all(filter, "sort by " + order.field(), first::offer)
        .thenCompose(
            unreadable ->
                read(first.inOrder(), limit, matching, after.isEmpty() ? unreadable : List.of()));
  }

  /**
   * Reads the page.
   *
   * @param unreadable jobs without a place in the order: the first page names them
   */
  private CompletionStage<JobPage> read(
      List<Place> places, int limit, JobShape shape, List<UnreadableJob> unreadable) {
    List<Place> wanted = places.subList(0, Math.min(limit, places.size()));
    return store
        .get(wanted.stream().map(Place::key).toList(), "", Pages.MAX_PAGE_BYTES, shape)
        .thenApply(
            found -> {
              boolean isLast = found.read() == places.size();
              return new JobPage(
                  found.jobs(),
                  unreadable,
                  isLast ? Optional.empty() : Optional.of(wanted.get(found.read() - 1).toString()));
            });
  }

  /** The first places so far, and one more that shows whether there is another page. */
  private static final class FirstPlaces {
    private final JobOrder order;
    private final Optional<Place> after;
    private final int limit;
    private final Comparator<Place> comparator;
    private final PriorityQueue<Place> lastFirst;

    FirstPlaces(JobOrder order, Optional<Place> after, int limit) {
      this.order = order;
      this.after = after;
      this.limit = limit;
      this.comparator = order.comparator();
      this.lastFirst = new PriorityQueue<>(comparator.reversed());
    }

    void offer(JobRecord job) {
      Place place = order.placeOf(job.getJob());
      if (after.isPresent() && comparator.compare(place, after.get()) <= 0) {
        return;
      }
      lastFirst.add(place);
      if (lastFirst.size() > limit + 1) {
        lastFirst.remove();
      }
    }

    List<Place> inOrder() {
      return lastFirst.stream().sorted(comparator).toList();
    }
  }
}
