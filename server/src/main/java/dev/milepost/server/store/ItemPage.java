package dev.milepost.server.store;

import dev.milepost.v1.Item;
import java.util.List;

/**
 * A page of items.
 *
 * @param items by id
 * @param more whether more follow after the last
 */
public record ItemPage(List<Item> items, boolean more) {}
