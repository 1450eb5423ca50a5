package dev.milepost.server.app;

import dev.milepost.server.job.JournalCap.KeptEntry;
import dev.milepost.server.job.JournalFilter;
import dev.milepost.server.job.JournalMarkers;
import dev.milepost.server.store.JournalPage;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalResponse;
import java.util.Optional;

/**
 * Fills one page of a ListJournal call with the entries that match, from one page of the store
 * after the other. Used by one thread at a time.
 */
final class JournalMatches {
  private final JournalFilter filter;
  private final boolean newestFirst;
  private final int size;
  private final long end;
  private final ListJournalResponse.Builder response = ListJournalResponse.newBuilder();
  private long reached;
  private boolean isLast;
  private int matching;
  private long bytes;
  private int unreadableRuns;

  /**
   * An empty page.
   *
   * @param size maximum number of entries, apart from markers
   * @param start where to read from: a position of a {@link dev.milepost.server.store.JournalQuery}
   * @param end sequence to read up to, exclusive
   */
  JournalMatches(JournalFilter filter, boolean newestFirst, int size, long start, long end) {
    this.filter = filter;
    this.newestFirst = newestFirst;
    this.size = size;
    this.end = end;
    this.reached = start;
  }

  boolean areNewestFirst() {
    return newestFirst;
  }

  /** Position up to which the journal was examined. */
  long reached() {
    return reached;
  }

  /** Takes what matches; returns whether there is more to read and the page has room for it. */
  boolean take(JournalPage page) {
    for (KeptEntry next : page.kept()) {
      if (isBeyond(next.entry().getSequence())) {
        isLast = true;
        count(page);
        return false;
      }
      if (!take(next)) {
        count(page);
        return false;
      }
      reached = next.entry().getSequence();
    }
    reached = page.through();
    isLast = page.isLast();
    count(page);
    return !isLast && matching < size;
  }

  private boolean isBeyond(long sequence) {
    return newestFirst ? sequence <= end : sequence >= end;
  }

  /** Damaged runs that lie behind are on the next page. */
  private void count(JournalPage page) {
    long passed =
        page.unreadable().stream()
            .filter(run -> newestFirst ? run >= reached : run <= reached)
            .count();
    unreadableRuns += Math.toIntExact(passed);
  }

  /** Takes an entry and the marker beside it, or leaves both to the next page. */
  private boolean take(KeptEntry next) {
    JournalEntry entry = next.entry();
    boolean matches = filter.matches(entry);
    if (matches) {
      boolean fits = bytes + entry.getSerializedSize() <= Pages.MAX_PAGE_BYTES || matching == 0;
      if (matching == size || !fits) {
        return false;
      }
      matching++;
      bytes += entry.getSerializedSize();
    }
    boolean isMarked = next.droppedBefore() > 0 && filter.mayHaveMatched(entry);
    if (isMarked && !newestFirst) {
      response.addEntries(JournalMarkers.before(entry, next.droppedBefore()));
    }
    if (matches) {
      response.addEntries(entry);
    }
    if (isMarked && newestFirst) {
      response.addEntries(JournalMarkers.before(entry, next.droppedBefore()));
    }
    return true;
  }

  /** Returns the page so far, without its token. */
  ListJournalResponse.Builder response() {
    return response.setUnreadableRuns(unreadableRuns);
  }

  /** Returns where the next page starts; empty if there is none. */
  Optional<String> next() {
    return isLast ? Optional.empty() : Optional.of(Long.toString(reached));
  }
}
