package dev.milepost.server.job;

import dev.milepost.v1.DroppedEntries;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.JournalEntryKind;

/** Makes the markers that stand where a journal's cap has dropped entries. */
public final class JournalMarkers {
  private JournalMarkers() {}

  /**
   * Returns the marker of dropped entries.
   *
   * @param oldest the oldest entry of their kind that is kept
   * @param count number of entries of its kind that were dropped, all of them before it
   */
  public static JournalEntry before(JournalEntry oldest, long count) {
    DroppedEntries.Builder dropped =
        DroppedEntries.newBuilder().setCount(count).setKind(kind(oldest));
    if (oldest.hasLog()) {
      dropped.setLevel(oldest.getLog().getLevel());
    }
    return JournalEntry.newBuilder()
        .setSequence(oldest.getSequence() - 1)
        .setTime(oldest.getTime())
        .setAttempt(oldest.getAttempt())
        .setDropped(dropped)
        .build();
  }

  private static JournalEntryKind kind(JournalEntry entry) {
    return switch (entry.getEntryCase()) {
      case STATE_CHANGE -> JournalEntryKind.JOURNAL_ENTRY_KIND_STATE_CHANGE;
      case STAGE_CHANGE -> JournalEntryKind.JOURNAL_ENTRY_KIND_STAGE_CHANGE;
      case LOG -> JournalEntryKind.JOURNAL_ENTRY_KIND_LOG;
      case DROPPED, ENTRY_NOT_SET ->
          throw new IllegalArgumentException("not an entry that a journal keeps");
    };
  }
}
