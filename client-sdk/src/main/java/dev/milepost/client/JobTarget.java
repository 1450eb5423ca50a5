package dev.milepost.client;

import dev.milepost.v1.Item;
import java.util.List;
import java.util.Optional;

/**
 * What a job is to work on within one project, or outside of all projects.
 *
 * @param projectId the project; empty: none
 * @param items its items, by id; empty: all of the project or, without a project, everything
 */
public record JobTarget(Optional<String> projectId, List<Item> items) {
  /** Copies the items. */
  public JobTarget {
    items = List.copyOf(items);
  }

  /** Whether all of it is meant, and not some items. */
  public boolean coversAllItems() {
    return items.isEmpty();
  }
}
