package dev.milepost.testing;

import dev.milepost.client.JobItems;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The items of a job, in the test's memory. Thread-safe. */
final class FakeJobItems implements JobItems {
  private static final int MAX_ITEMS = 2_000;

  private final Map<String, Item> items = new TreeMap<>();

  /** Adds or replaces an item. */
  synchronized void put(Item item) {
    if (item.getId().isEmpty()) {
      throw new IllegalArgumentException("an item must have an id");
    } else if (!items.containsKey(item.getId()) && items.size() >= MAX_ITEMS) {
      throw new IllegalArgumentException("a job can have at most " + MAX_ITEMS + " items");
    }
    items.put(
        item.getId(),
        item.getState() == ItemState.ITEM_STATE_UNSPECIFIED
            ? item.toBuilder().setState(ItemState.ITEM_STATE_PENDING).build()
            : item);
  }

  /** Returns the items with all that was reported, sorted by id. */
  @Override
  public synchronized List<Item> all() {
    return List.copyOf(items.values());
  }

  @Override
  public void running(String id) {
    report(id, ItemState.ITEM_STATE_RUNNING, "");
  }

  @Override
  public void done(String id, String message) {
    report(id, ItemState.ITEM_STATE_DONE, message);
  }

  @Override
  public void failed(String id, String message) {
    report(id, ItemState.ITEM_STATE_FAILED, message);
  }

  @Override
  public void skipped(String id, String message) {
    report(id, ItemState.ITEM_STATE_SKIPPED, message);
  }

  private void report(String id, ItemState state, String message) {
    report(Item.newBuilder().setId(id).setState(state).setMessage(message).build());
  }

  @Override
  public synchronized void report(Item item) {
    Item known = items.getOrDefault(item.getId(), Item.getDefaultInstance());
    put(known.toBuilder().mergeFrom(item).build());
  }
}
