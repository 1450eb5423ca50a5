package dev.milepost.server.store;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * A page of items.
 *
 * @param items in the order of their ids
 * @param damaged number of items that were passed because they cannot be read
 * @param more whether more items follow
 */
public record ItemPage(List<Item> items, int damaged, boolean more) {
  /** A page of which every item could be read. */
  public ItemPage(List<Item> items, boolean more) {
    this(items, 0, more);
  }
}
