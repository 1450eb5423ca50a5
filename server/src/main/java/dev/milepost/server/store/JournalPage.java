package dev.milepost.server.store;

import dev.milepost.server.job.JournalCap.KeptEntry;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.List;

/**
 * A page of a journal.
 *
 * @param kept entries that are kept, in the order of the query; the cap has dropped any number that
 *     is missing between them
 * @param through every entry up to this sequence (from it on, if the newest come first) is in
 *     {@code kept} or was dropped. A page may be short, even empty, without being the last one
 * @param last sequence of the last entry that the journal had when it was read
 * @param isLast whether there are no more entries
 * @param unreadable runs of entries that were passed because they cannot be read: the sequence of
 *     the last entry of each
 * @param counts how many entries of each kind the journal has had up to the last of {@code kept},
 *     including those that are no longer kept; meaningless if there are no entries
 */
public record JournalPage(
    List<KeptEntry> kept,
    long through,
    long last,
    boolean isLast,
    List<Long> unreadable,
    LogCounts counts) {
  /** Returns the entries alone. */
  public List<JournalEntry> entries() {
    return kept.stream().map(KeptEntry::entry).toList();
  }
}
