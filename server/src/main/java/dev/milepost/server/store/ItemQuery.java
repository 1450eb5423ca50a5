package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import java.util.Set;

/**
 * Which items of a job to read.
 *
 * @param key the job
 * @param states states; empty: any
 * @param projectId project; empty: any
 * @param afterId only items after this id; empty: from the start
 * @param limit maximum number of items, 1 to 2,000
 * @param maxBytes maximum size of the items; the first one may be larger
 */
public record ItemQuery(
    JobKey key, Set<ItemState> states, String projectId, String afterId, int limit, long maxBytes) {
  /** A query for items of any size. */
  public ItemQuery(JobKey key, Set<ItemState> states, String projectId, String afterId, int limit) {
    this(key, states, projectId, afterId, limit, Long.MAX_VALUE);
  }

  /** Copies the states. */
  public ItemQuery {
    states = Set.copyOf(states);
  }

  /** Whether the query selects an item, apart from paging. */
  public boolean accepts(Item item) {
    return (states.isEmpty() || states.contains(item.getState()))
        && (projectId.isEmpty() || projectId.equals(item.getProjectId()));
  }
}
