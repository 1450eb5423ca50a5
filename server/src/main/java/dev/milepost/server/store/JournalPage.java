package dev.milepost.server.store;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.List;

/**
 * A page of a journal.
 *
 * @param entries entries that are kept, in order; the cap has dropped any number that is missing
 *     between them
 * @param through every entry up to this sequence is in {@code entries} or was dropped. If it equals
 *     {@code last}, there are no more. A page may be short, even empty, without being the last one
 * @param last sequence of the last entry that the journal had when it was read
 * @param unreadable runs of entries that were passed because they cannot be read: the sequence of
 *     the last entry of each
 * @param counts how many entries of each kind the journal has had up to the last of {@code
 *     entries}, including those that are no longer kept; meaningless if there are no entries
 */
public record JournalPage(
    List<JournalEntry> entries, long through, long last, List<Long> unreadable, LogCounts counts) {}
