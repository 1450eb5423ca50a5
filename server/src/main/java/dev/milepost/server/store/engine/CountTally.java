package dev.milepost.server.store.engine;

import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts jobs again, to compare the result with the counts that a store keeps: those by tenant,
 * type, scope and state, and those by user and project as well. Uses memory for each cell. Used by
 * one thread.
 */
public final class CountTally {
  private final Map<String, Long> totals = new TreeMap<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Long> storedTotals = new TreeMap<>();
  private final Map<String, Long> storedCounts = new TreeMap<>();
  private boolean hasUnreadable;
  private boolean hasUnknown;

  /** Nothing has been counted yet. */
  public CountTally() {}

  /** Counts a job. */
  public void add(JobRecord record) {
    CountCell cell = CountCell.of(record);
    totals.merge(total(cell), 1L, Long::sum);
    counts.merge(count(cell), 1L, Long::sum);
  }

  /**
   * Counts a job that cannot be read. Its project is not known, so that the counts by user and
   * project cannot be compared any more.
   */
  public void addUnreadable(String tenant, String type, int scope, int state) {
    hasUnreadable = true;
    totals.merge(total(tenant, type, scope, state), 1L, Long::sum);
  }

  /** Notes a job of which nothing is known: no counts can be compared any more. */
  public void addUnknown() {
    hasUnknown = true;
  }

  /** Notes what the store has counted, without users and projects. */
  public void storedTotal(String tenant, String type, int scope, int state, long jobs) {
    storedTotals.put(total(tenant, type, scope, state), jobs);
  }

  /** Notes what the store has counted for a user and a project. */
  public void storedCount(
      String tenant, String type, int scope, int state, String user, String project, long jobs) {
    storedCounts.put(count(total(tenant, type, scope, state), user, project), jobs);
  }

  /** Returns each difference as a sentence. */
  public List<String> differences() {
    List<String> found = new ArrayList<>();
    if (!hasUnknown) {
      compare(totals, storedTotals, found);
      if (!hasUnreadable) {
        compare(counts, storedCounts, found);
      }
    }
    return found;
  }

  private static String total(CountCell cell) {
    return total(cell.tenantId(), cell.type(), cell.scope().getNumber(), cell.state().getNumber());
  }

  private static String total(String tenant, String type, int scope, int state) {
    return "tenant %s, type %s, scope %d, state %d".formatted(tenant, type, scope, state);
  }

  private static String count(CountCell cell) {
    return count(total(cell), cell.userId(), cell.projectId());
  }

  private static String count(String total, String user, String project) {
    return total + ", user " + user + ", project " + project;
  }

  private static void compare(
      Map<String, Long> counted, Map<String, Long> stored, List<String> found) {
    Map<String, Long> all = new TreeMap<>(counted);
    stored.forEach((name, count) -> all.putIfAbsent(name, 0L));
    all.forEach(
        (name, count) -> {
          long kept = stored.getOrDefault(name, 0L);
          if (kept != count) {
            found.add("The count of %s is %d, and there are %d jobs.".formatted(name, kept, count));
          }
        });
  }
}
