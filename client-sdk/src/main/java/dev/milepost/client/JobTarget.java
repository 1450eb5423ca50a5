package dev.milepost.client;

import dev.milepost.v1.Item;
import java.util.List;
import java.util.Optional;

/**
 * What a job works on within one project, or outside any project.
 *
 * @param projectId the project; empty: no project
 * @param items the items to work on, in the given order; empty: all items of the project or,
 *     without a project, everything
 */
public record JobTarget(Optional<String> projectId, List<Item> items) {
  /** Copies the items. */
  public JobTarget {
    items = List.copyOf(items);
  }

  /** Returns whether the target is all items rather than a list of some. */
  public boolean coversAllItems() {
    return items.isEmpty();
  }
}
