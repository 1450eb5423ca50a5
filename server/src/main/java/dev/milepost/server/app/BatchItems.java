package dev.milepost.server.app;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.UnreadableItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lists the items of a batch: those of its children, in the order in which the children were
 * created. Skips children whose counts show no item in the requested states.
 */
final class BatchItems {
  /** Children that one page reads. */
  private static final int MAX_CHILDREN = 200;

  private final JobStore store;

  BatchItems(JobStore store) {
    this.store = store;
  }

  /**
   * A position among the items.
   *
   * @param child position of the child in the store's own format; empty: the first child
   * @param item the last item of that child before the position; empty: none
   */
  record Place(String child, String item) {
    static Place parse(String text) {
      int bar = text.indexOf('|');
      return bar < 0
          ? new Place("", "")
          : new Place(text.substring(0, bar), text.substring(bar + 1));
    }

    String text() {
      return child + '|' + item;
    }
  }

  /**
   * A page.
   *
   * @param items each with the child that it belongs to
   * @param places the position after each item
   * @param unreadable items that were passed because they cannot be read
   * @param next start of the next page; empty on the last page
   */
  record Page(
      List<Item> items,
      List<Place> places,
      List<UnreadableItem> unreadable,
      Optional<Place> next) {}

  /** Returns items of a job that cannot be read. */
  static List<UnreadableItem> unreadable(JobKey job, List<String> ids) {
    return ids.stream()
        .map(id -> UnreadableItem.newBuilder().setJobId(job.jobId()).setItemId(id).build())
        .toList();
  }

  /**
   * Reads a page.
   *
   * @param query its job is the batch; its position is ignored
   */
  CompletionStage<Page> read(ItemQuery query, Place from) {
    return new Reading(query).at(from, MAX_CHILDREN);
  }

  private final class Reading {
    private final ItemQuery query;
    private final JobFilter children;
    private final List<Item> items = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private final List<UnreadableItem> unreadable = new ArrayList<>();
    private long bytes;

    Reading(ItemQuery query) {
      this.query = query;
      this.children =
          JobFilter.newBuilder()
              .setTenantId(query.key().tenantId())
              .setParentId(query.key().jobId())
              .build();
    }

    CompletionStage<Page> at(Place place, int childrenLeft) {
      Optional<String> after =
          place.child().isEmpty() ? Optional.empty() : Optional.of(place.child());
      return store
          .list(new JobQuery(children, false, after, 1, JobQuery.MAX_BYTES, JobShape.OUTLINE))
          .thenCompose(
              found ->
                  found.jobs().isEmpty() || isPassedOver(found.jobs().get(0))
                      ? goOn(found, childrenLeft)
                      : child(found, place, childrenLeft));
    }

    private boolean isPassedOver(JobRecord child) {
      ItemCounts counts = child.getJob().getStatus().getItemCounts();
      return !query.states().isEmpty()
          && query.states().stream().allMatch(state -> count(counts, state) == 0);
    }

    private CompletionStage<Page> child(JobPage found, Place place, int childrenLeft) {
      JobKey key = JobKey.of(found.jobs().get(0));
      int wanted = query.limit() - items.size();
      return store
          .items(
              new ItemQuery(
                  key,
                  query.states(),
                  query.projectId(),
                  place.item(),
                  wanted,
                  query.maxBytes() - bytes))
          .thenCompose(
              page -> {
                unreadable.addAll(BatchItems.unreadable(key, page.unreadable()));
                for (Item item : page.items()) {
                  items.add(item.toBuilder().setJobId(key.jobId()).build());
                  bytes += item.getSerializedSize();
                  places.add(new Place(place.child(), item.getId()));
                }
                return page.more() || bytes >= query.maxBytes()
                    ? CompletableFuture.completedFuture(
                        page(Optional.of(places.get(places.size() - 1))))
                    : goOn(found, childrenLeft);
              });
    }

    private CompletionStage<Page> goOn(JobPage found, int childrenLeft) {
      Optional<Place> next = found.next().map(child -> new Place(child, ""));
      if (next.isEmpty() || items.size() == query.limit() || childrenLeft == 1) {
        return CompletableFuture.completedFuture(page(next));
      }
      return at(next.get(), childrenLeft - 1);
    }

    private Page page(Optional<Place> next) {
      return new Page(items, places, unreadable, next);
    }
  }

  private static long count(ItemCounts counts, ItemState state) {
    return switch (state) {
      case ITEM_STATE_PENDING -> counts.getPending();
      case ITEM_STATE_RUNNING -> counts.getRunning();
      case ITEM_STATE_DONE -> counts.getDone();
      case ITEM_STATE_FAILED -> counts.getFailed();
      case ITEM_STATE_SKIPPED -> counts.getSkipped();
      case ITEM_STATE_UNSPECIFIED, UNRECOGNIZED -> 0;
    };
  }
}
