package dev.milepost.server.grpc;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A store, and how many changes wait for it. Thread-safe. */
final class StoreLoad implements JobStore {
  private final JobStore store;
  private final AtomicInteger waiting = new AtomicInteger();

  StoreLoad(JobStore store) {
    this.store = store;
  }

  /** Changes that were handed in and are not answered yet. */
  int waiting() {
    return waiting.get();
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    waiting.incrementAndGet();
    CompletionStage<R> stage;
    try {
      stage = store.update(selection, decide);
    } catch (RuntimeException | Error e) {
      waiting.decrementAndGet();
      throw e;
    }
    // The stage itself goes on, and not what hangs on it: its order among others must hold.
    var unused = stage.whenComplete((result, failure) -> waiting.decrementAndGet());
    return stage;
  }

  @Override
  public StoreInfo info() {
    return store.info();
  }

  @Override
  public CompletionStage<List<JobRecord>> get(Collection<JobKey> keys) {
    return store.get(keys);
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    return store.list(query);
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return store.count(query);
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    return store.journal(query);
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    return store.items(query);
  }

  @Override
  public CompletionStage<DueJobs> due(Instant now, int limit) {
    return store.due(now, limit);
  }

  @Override
  public Subscription subscribe(ChangeListener listener) {
    return store.subscribe(listener);
  }

  @Override
  public void close() {
    store.close();
  }
}
