package dev.milepost.server.store.engine;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a group of updates does, as one change per job. A job that is created again after
 * its removal gets a change of its own.
 */
public final class ChangeLog {
  private final List<Line> lines = new ArrayList<>();
  private final Map<JobKey, Line> open = new HashMap<>();

  /**
   * Records that a job was created or changed.
   *
   * @param before the job before this decision; null if it did not exist
   */
  public void put(@Nullable JobRecord before, JobDecision.Put put) {
    Line line = line(put.key(), before);
    line.after = put.record();
    line.entries.addAll(put.entries());
  }

  /**
   * Records that a job was removed.
   *
   * @param before the job before this decision; null if it did not exist, or could not be read
   * @param isUnreadable whether it could not be read
   */
  public void remove(@Nullable JobRecord before, JobKey key, boolean isUnreadable) {
    Line line = line(key, before);
    line.isUnreadable |= isUnreadable;
    line.after = null;
    line.entries.clear();
    open.remove(key);
  }

  private Line line(JobKey key, @Nullable JobRecord before) {
    return open.computeIfAbsent(
        key,
        of -> {
          Line line = new Line(of, before);
          lines.add(line);
          return line;
        });
  }

  /**
   * Returns the changes in the order in which the jobs were first touched, without jobs that the
   * group both created and removed.
   */
  public List<Change> changes() {
    return lines.stream()
        .filter(line -> line.before != null || line.after != null || line.isUnreadable)
        .map(line -> new Change(line.key, line.before, line.after, line.entries))
        .toList();
  }

  private static final class Line {
    private final JobKey key;
    private final @Nullable JobRecord before;
    private @Nullable JobRecord after;
    private boolean isUnreadable;
    private final List<JournalEntry> entries = new ArrayList<>();

    private Line(JobKey key, @Nullable JobRecord before) {
      this.key = key;
      this.before = before;
    }
  }
}
