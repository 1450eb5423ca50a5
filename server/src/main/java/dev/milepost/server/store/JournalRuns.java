package dev.milepost.server.store;

import dev.milepost.server.job.JournalCap;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.ArrayList;
import java.util.List;

/** Divides journals into runs of entries, as stores keep them. Pure. */
public final class JournalRuns {
  private JournalRuns() {}

  /**
   * Makes a run whose last entry of each kind is the newest of its kind.
   *
   * @param entries in order; an imported journal may lack entries that its cap had dropped
   * @param after the counts after the last entry
   */
  public static JournalChunk endingAt(LogCounts after, List<JournalEntry> entries) {
    return JournalChunk.newBuilder()
        .setBefore(before(after, entries))
        .addAllEntries(entries)
        .build();
  }

  /**
   * Returns the counts before entries.
   *
   * @param after the counts after the last entry
   */
  public static LogCounts before(LogCounts after, List<JournalEntry> entries) {
    LogCounts here = LogCounts.getDefaultInstance();
    for (JournalEntry entry : entries) {
      here = count(here, entry);
    }
    return minus(after, here);
  }

  /** Splits a run into runs of about this many bytes, each with at least one entry. */
  public static List<JournalChunk> split(JournalChunk run, int bytes) {
    List<JournalChunk> runs = new ArrayList<>();
    LogCounts counts = run.getBefore();
    JournalChunk.Builder part = JournalChunk.newBuilder().setBefore(counts);
    int size = 0;
    for (JournalEntry entry : run.getEntriesList()) {
      if (part.getEntriesCount() > 0 && size + entry.getSerializedSize() > bytes) {
        runs.add(part.build());
        part = JournalChunk.newBuilder().setBefore(counts);
        size = 0;
      }
      part.addEntries(entry);
      size += entry.getSerializedSize();
      counts = count(counts, entry);
    }
    if (part.getEntriesCount() > 0) {
      runs.add(part.build());
    }
    return runs;
  }

  private static LogCounts count(LogCounts before, JournalEntry entry) {
    return JournalCap.count(before, entry, Integer.MAX_VALUE);
  }

  private static LogCounts minus(LogCounts all, LogCounts part) {
    return LogCounts.newBuilder()
        .setDebug(all.getDebug() - part.getDebug())
        .setInfo(all.getInfo() - part.getInfo())
        .setMilestone(all.getMilestone() - part.getMilestone())
        .setWarning(all.getWarning() - part.getWarning())
        .setError(all.getError() - part.getError())
        .setStageChanges(all.getStageChanges() - part.getStageChanges())
        .setStateChanges(all.getStateChanges() - part.getStateChanges())
        .build();
  }
}
