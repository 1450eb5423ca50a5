package dev.milepost.server.store;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * A page of items.
 *
 * @param items in the order of their ids
 * @param more whether more items follow
 */
public record ItemPage(List<Item> items, boolean more) {}
