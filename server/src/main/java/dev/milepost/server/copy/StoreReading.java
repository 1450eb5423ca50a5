package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.v1.LogCounts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads a job of a store: first its journal, then its items, page by page. */
public final class StoreReading implements JobReading {
  private static final int ENTRIES = 1_000;
  private static final int ITEMS = 2_000;
  private static final long ITEM_BYTES = 1 << 20;

  private final JobStore store;
  private final JobKey key;
  private boolean hasJournal;
  private boolean hasItems;
  private long sequence;
  private String itemId = "";

  /** Reads a job from its start. */
  public StoreReading(JobStore store, JobKey key) {
    this.store = store;
    this.key = key;
  }

  @Override
  public CompletionStage<Optional<JobPart>> next() {
    if (!hasJournal) {
      return store
          .journal(new JournalQuery(key, sequence, ENTRIES))
          .thenApply(page -> Optional.of(take(page)));
    }
    if (!hasItems) {
      return store
          .items(new ItemQuery(key, Set.of(), "", itemId, ITEMS, ITEM_BYTES))
          .thenApply(page -> Optional.of(take(page)));
    }
    return CompletableFuture.completedStage(Optional.empty());
  }

  private JobPart take(JournalPage page) {
    sequence = page.through();
    hasJournal = page.isLast();
    return new JobPart(page.entries(), page.counts(), List.of(), page.unreadable().size(), 0);
  }

  private JobPart take(ItemPage page) {
    hasItems = !page.more();
    if (page.more()) {
      itemId = page.items().get(page.items().size() - 1).getId();
    }
    return new JobPart(
        List.of(), LogCounts.getDefaultInstance(), page.items(), 0, page.unreadable().size());
  }
}
