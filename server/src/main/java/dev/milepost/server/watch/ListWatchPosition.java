package dev.milepost.server.watch;

import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.List;

/**
 * A position of a list watch: everything before it has been sent. It is valid for one run of one
 * hub, and for every hub of the store if it has a position in the store's history.
 *
 * @param run id of the run
 * @param batch number of the batch that is sent next, or is being sent
 * @param index changes of that batch that have been sent or passed over
 * @param counts matching jobs at this position, by state
 * @param stored the same position in the store's history; empty if it is not known
 */
public record ListWatchPosition(
    String run, long batch, int index, List<JobCount> counts, String stored) {
  private static final String STORED = "@";

  /** Copies the counts. */
  public ListWatchPosition {
    counts = List.copyOf(counts);
  }

  /** Parses what {@link #toString} has returned, in this version or an earlier one. */
  public static ListWatchPosition parse(String text) {
    String[] parts = text.split(" ");
    String last = parts[parts.length - 1];
    boolean isStored = last.startsWith(STORED);
    List<JobCount> counts = new ArrayList<>();
    for (int i = 3; i + 1 < parts.length; i += 2) {
      counts.add(
          JobCount.newBuilder()
              .setState(JobState.forNumber(Integer.parseInt(parts[i])))
              .setCount(Long.parseLong(parts[i + 1]))
              .build());
    }
    return new ListWatchPosition(
        parts[0],
        Long.parseLong(parts[1]),
        Integer.parseInt(parts[2]),
        counts,
        isStored ? last.substring(STORED.length()) : "");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(run).append(' ').append(batch).append(' ').append(index);
    for (JobCount count : counts) {
      text.append(' ').append(count.getStateValue()).append(' ').append(count.getCount());
    }
    if (!stored.isEmpty()) {
      text.append(' ').append(STORED).append(stored);
    }
    return text.toString();
  }
}
