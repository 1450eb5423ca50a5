package dev.milepost.server.store;

import dev.milepost.server.job.JobFilters;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds a page of jobs from those that a store scans, in their order. It ends the page when it has
 * enough jobs or bytes, or has scanned enough. Used once, by one thread at a time.
 */
public final class JobPageBuilder {
  private static final int MAX_SCANNED_JOBS = 2_000;
  private static final int MAX_SCANNED_TEXTS = 100_000;
  private static final long MAX_SCANNED_BYTES = 128 << 20;
  private static final int MAX_UNREADABLE_JOBS = 500;

  private final JobQuery query;
  private final List<JobRecord> jobs = new ArrayList<>();
  private final List<UnreadableJob> unreadable = new ArrayList<>();
  private long bytes;
  private int scanned;
  private int scannedTexts;
  private long scannedBytes;
  private boolean isCut;
  private boolean isPassed;

  /** The place of the last scanned job; null if there is none. */
  private @Nullable Object reached;

  /** An empty page. */
  public JobPageBuilder(JobQuery query) {
    this.query = query;
  }

  /** Returns how many more jobs this page scans, at most. */
  public int scannable() {
    return MAX_SCANNED_JOBS - scanned;
  }

  /**
   * Scans the next job.
   *
   * @param job null if it is gone
   * @param place its text is the position after this job
   * @return whether the page goes on
   */
  public boolean scan(@Nullable JobRecord job, Object place) {
    if (job != null) {
      if (JobFilters.isPassed(query.filter(), job.getJob(), query.newestFirst())) {
        isPassed = true;
        return false;
      }
      if (JobFilters.matches(query.filter(), job.getJob()) && !keep(query.shape().of(job))) {
        isCut = true;
        return false;
      }
      scannedBytes += job.getSerializedSize();
    }
    return pass(place);
  }

  /**
   * Passes jobs of which only the texts were read, since these do not match.
   *
   * @param texts number of texts
   * @param last the last of the jobs; may be null unless {@link #needsTimes()}
   * @param place its text is the position after the last of them
   * @return whether the page goes on
   */
  public boolean passTexts(int texts, @Nullable JobRecord last, Object place) {
    if (last != null && JobFilters.isPassed(query.filter(), last.getJob(), query.newestFirst())) {
      isPassed = true;
      return false;
    }
    reached = place;
    scannedTexts += texts;
    return scannedTexts < MAX_SCANNED_TEXTS;
  }

  /** Whether the creation time of a job may tell that no job after it can match. */
  public boolean needsTimes() {
    return JobFilters.hasEnd(query.filter(), query.newestFirst());
  }

  /**
   * Scans the next job, which cannot be read.
   *
   * @param job null if it is gone meanwhile
   * @param place its text is the position after this job
   * @return whether the page goes on
   */
  public boolean scanUnreadable(@Nullable UnreadableJob job, Object place) {
    if (job != null && job.mayMatch(query.filter())) {
      unreadable.add(job);
    }
    return pass(place);
  }

  private boolean pass(Object place) {
    reached = place;
    scanned++;
    return jobs.size() < query.limit()
        && bytes < query.maxBytes()
        && scanned < MAX_SCANNED_JOBS
        && scannedBytes < MAX_SCANNED_BYTES
        && unreadable.size() < MAX_UNREADABLE_JOBS;
  }

  /** Returns false if the job does not fit. */
  private boolean keep(@Nullable JobRecord job) {
    if (job != null) {
      int size = job.getSerializedSize();
      if (!jobs.isEmpty() && bytes + size > query.maxBytes()) {
        return false;
      }
      bytes += size;
      jobs.add(job);
    }
    return true;
  }

  /**
   * Returns the page.
   *
   * @param more whether there may be jobs after the last one that was scanned
   */
  public JobPage page(boolean more) {
    boolean isLast = isPassed || reached == null || !(more || isCut);
    return new JobPage(
        jobs, unreadable, isLast ? Optional.empty() : Optional.of(String.valueOf(reached)));
  }
}
