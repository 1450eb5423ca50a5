package dev.milepost.server.app;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Copies the failed items of a finished batch into a new one, page by page: only the items of the
 * next child are in memory. Used once; its steps run one after another on any thread.
 */
final class BatchRetry {
  /** Items of a page. */
  private static final int PAGE = 500;

  private static final long PAGE_BYTES = 1 << 20;

  private final BatchItems items;
  private final JobRules rules;
  private final JobKey finished;
  private final BatchCreation.Batch batch;
  private final BulkCall call;
  private final CompletableFuture<CreateJobsResponse> result = new CompletableFuture<>();

  /**
   * A copy of items.
   *
   * @param finished the finished batch
   * @param batch the open one
   * @param call the copy is given up if it is cancelled
   */
  BatchRetry(
      BatchItems items, JobRules rules, JobKey finished, BatchCreation.Batch batch, BulkCall call) {
    this.items = items;
    this.rules = rules;
    this.finished = finished;
    this.batch = batch;
    this.call = call;
  }

  /** Copies the items, and completes the batch. Leaves nothing behind if it fails. */
  CompletionStage<CreateJobsResponse> run() {
    if (batch.isRepetition()) {
      return batch.finish();
    }
    read(BatchItems.Place.parse(""));
    return result;
  }

  private void read(BatchItems.Place place) {
    if (call.isCancelled()) {
      fail(new CancellationException("The call was cancelled."));
      return;
    }
    ItemQuery failed =
        new ItemQuery(finished, Set.of(ItemState.ITEM_STATE_FAILED), "", "", PAGE, PAGE_BYTES);
    then(items.read(failed, place), this::add);
  }

  private void add(BatchItems.Page page) {
    List<Item> pending = page.items().stream().map(rules.batches()::asPending).toList();
    then(batch.add("items", pending), added -> proceed(page.next()));
  }

  private void proceed(Optional<BatchItems.Place> next) {
    if (next.isPresent()) {
      read(next.get());
    } else {
      then(batch.finish(), result::complete);
    }
  }

  private <T> void then(CompletionStage<T> stage, Consumer<T> step) {
    stage.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            fail(failure);
            return;
          }
          try {
            step.accept(value);
          } catch (RuntimeException | Error e) {
            // Otherwise the call would never be answered.
            fail(e);
          }
        });
  }

  private void fail(Throwable failure) {
    batch.abandon().whenComplete((gone, ignored) -> result.completeExceptionally(failure));
  }
}
