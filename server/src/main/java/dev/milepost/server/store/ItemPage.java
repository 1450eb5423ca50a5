package dev.milepost.server.store;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * A page of items.
 *
 * @param items in the order of their ids
 * @param unreadable ids of items that were passed because they cannot be read, in order
 * @param more whether more items follow
 */
public record ItemPage(List<Item> items, List<String> unreadable, boolean more) {
  /** A page of which every item could be read. */
  public ItemPage(List<Item> items, boolean more) {
    this(items, List.of(), more);
  }
}
