package dev.milepost.server.store;

import dev.milepost.v1.JournalEntry;
import java.util.List;

/**
 * A part of a journal.
 *
 * @param entries those that are kept, in order; a number missing between them was dropped by the
 *     cap
 * @param through every entry up to this sequence is among {@code entries} or was dropped; where it
 *     equals {@code last} there is no more. A page may be short, even empty, and yet not be the
 *     last
 * @param last sequence of the last entry that the journal had at the time of reading
 */
public record JournalPage(List<JournalEntry> entries, long through, long last) {}
