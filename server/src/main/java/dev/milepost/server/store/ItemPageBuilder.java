package dev.milepost.server.store;

import dev.milepost.v1.Item;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds a page from the items of a job, in the order of their ids. Used once, by one thread. */
public final class ItemPageBuilder {
  private final ItemQuery query;
  private final List<Item> items = new ArrayList<>();
  private long bytes;
  private final List<String> unreadable = new ArrayList<>();

  /** Those after the last item: they belong to the next page if there is one. */
  private final List<String> unreadableSince = new ArrayList<>();

  private boolean more;

  /** An empty page. */
  public ItemPageBuilder(ItemQuery query) {
    this.query = query;
  }

  /**
   * Adds the next item, if the query selects it.
   *
   * @return whether the page goes on
   */
  public boolean add(Item item) {
    if (!query.accepts(item)) {
      return true;
    }
    int size = item.getSerializedSize();
    boolean fits = items.isEmpty() || bytes + size <= query.maxBytes();
    if (items.size() == query.limit() || !fits) {
      more = true;
      return false;
    }
    items.add(item);
    bytes += size;
    passed();
    return true;
  }

  /**
   * Adds the next item.
   *
   * @param item null if it cannot be read
   * @return whether the page goes on
   */
  public boolean add(String id, @Nullable Item item) {
    if (item == null) {
      unreadableSince.add(id);
      return true;
    }
    return add(item);
  }

  private void passed() {
    unreadable.addAll(unreadableSince);
    unreadableSince.clear();
  }

  /** Returns how many items the page has. */
  public int size() {
    return items.size();
  }

  /** Returns the page. */
  public ItemPage page() {
    if (!more) {
      passed();
    }
    return new ItemPage(items, unreadable, more);
  }
}
