package dev.milepost.server.store;

import dev.milepost.server.job.JournalCap;
import dev.milepost.server.job.JournalCap.KeptEntry;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.LogCounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Builds a page of a journal from its runs, which are added in the order of the query. Used once,
 * by one thread.
 */
public final class JournalPageBuilder {
  /** Size at which a page ends. */
  private static final long MAX_BYTES = 2 << 20;

  private final JournalQuery query;
  private final JobStatus status;
  private final int cap;
  private final List<KeptEntry> kept = new ArrayList<>();
  private long through;
  private long bytes;

  /** The run of the last entry. */
  private JournalChunk lastRun = JournalChunk.getDefaultInstance();

  private final List<Long> unreadable = new ArrayList<>();

  /**
   * An empty page.
   *
   * @param status the job's status, read together with the runs
   * @param cap entries kept of each kind
   */
  public JournalPageBuilder(JournalQuery query, JobStatus status, int cap) {
    this.query = query;
    this.status = status;
    this.cap = cap;
    this.through =
        query.newestFirst()
            ? Math.min(query.position(), status.getJournalSequence() + 1)
            : query.position();
  }

  /** Returns the page of a job that does not exist. */
  public static JournalPage missing() {
    return new JournalPage(List.of(), 0, 0, true, List.of(), LogCounts.getDefaultInstance());
  }

  /**
   * Adds the next run.
   *
   * @return whether the page has room for another run
   */
  public boolean add(JournalChunk run) {
    List<KeptEntry> found = JournalCap.kept(run, status.getLogCounts(), cap);
    if (query.newestFirst()) {
      Collections.reverse(found);
    }
    for (KeptEntry next : found) {
      if (query.includes(next.entry().getSequence())) {
        if (isFull()) {
          return false;
        }
        kept.add(next);
        lastRun = run;
        bytes += next.entry().getSerializedSize();
        through = next.entry().getSequence();
      }
    }
    if (run.getEntriesCount() > 0) {
      int end = query.newestFirst() ? 0 : run.getEntriesCount() - 1;
      reach(run.getEntries(end).getSequence());
    }
    return !isFull();
  }

  private void reach(long sequence) {
    through = query.newestFirst() ? Math.min(through, sequence) : Math.max(through, sequence);
  }

  /**
   * Passes a run that cannot be read: its entries are missing, like those that are no longer kept.
   *
   * @param lastSequence sequence of its last entry
   */
  public void pass(long lastSequence) {
    unreadable.add(lastSequence);
    reach(lastSequence);
  }

  /** Passes the newest run, which cannot be read. */
  public void passTail() {
    unreadable.add(status.getJournalSequence());
  }

  private boolean isFull() {
    return kept.size() >= query.limit() || bytes >= MAX_BYTES;
  }

  /** Returns the page if there may be further runs. */
  public JournalPage page() {
    boolean isLast = query.newestFirst() ? through <= 1 : through >= status.getJournalSequence();
    return page(through, isLast);
  }

  /** Returns the page if the last run was added and the page had room for it. */
  public JournalPage lastPage() {
    return page(query.newestFirst() ? 0 : status.getJournalSequence(), true);
  }

  private JournalPage page(long reached, boolean isLast) {
    LogCounts counts =
        kept.isEmpty()
            ? LogCounts.getDefaultInstance()
            : JournalCap.countsUntil(lastRun, kept.get(kept.size() - 1).entry().getSequence());
    return new JournalPage(kept, reached, status.getJournalSequence(), isLast, unreadable, counts);
  }
}
