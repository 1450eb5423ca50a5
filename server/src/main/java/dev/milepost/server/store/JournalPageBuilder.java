package dev.milepost.server.store;

import dev.milepost.server.job.JournalCap;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.ArrayList;
import java.util.List;

/** Builds a page of a journal from its runs. Used once, by one thread. */
public final class JournalPageBuilder {
  /** Size at which a page ends. */
  private static final long MAX_BYTES = 2 << 20;

  private final JournalQuery query;
  private final JobStatus status;
  private final int cap;
  private final List<JournalEntry> entries = new ArrayList<>();
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
    this.through = query.after();
  }

  /** Returns the page of a job that does not exist. */
  public static JournalPage missing() {
    return new JournalPage(List.of(), 0, 0, List.of(), LogCounts.getDefaultInstance());
  }

  /**
   * Adds the next run.
   *
   * @return whether the page has room for another run
   */
  public boolean add(JournalChunk run) {
    for (JournalEntry entry : JournalCap.kept(run, status.getLogCounts(), cap)) {
      if (entry.getSequence() > query.after()) {
        if (isFull()) {
          return false;
        }
        entries.add(entry);
        lastRun = run;
        bytes += entry.getSerializedSize();
        through = entry.getSequence();
      }
    }
    if (run.getEntriesCount() > 0) {
      through = Math.max(through, run.getEntries(run.getEntriesCount() - 1).getSequence());
    }
    return !isFull();
  }

  /**
   * Passes a run that cannot be read: its entries are missing, like those that are no longer kept.
   *
   * @param lastSequence sequence of its last entry
   */
  public void pass(long lastSequence) {
    unreadable.add(lastSequence);
    through = Math.max(through, lastSequence);
  }

  /** Passes the last run, which cannot be read. */
  public void passTail() {
    unreadable.add(status.getJournalSequence());
  }

  private boolean isFull() {
    return entries.size() >= query.limit() || bytes >= MAX_BYTES;
  }

  /** Returns the page if there may be further runs. */
  public JournalPage page() {
    return page(through);
  }

  /** Returns the page if the last run was added and the page had room for it. */
  public JournalPage lastPage() {
    return page(status.getJournalSequence());
  }

  private JournalPage page(long reached) {
    LogCounts counts =
        entries.isEmpty()
            ? LogCounts.getDefaultInstance()
            : JournalCap.countsUntil(lastRun, entries.get(entries.size() - 1).getSequence());
    return new JournalPage(entries, reached, status.getJournalSequence(), unreadable, counts);
  }
}
