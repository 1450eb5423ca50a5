package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.Locale;

/** Runs one kind of query against a store with many jobs. */
final class QueryVariant implements Variant {
  private final FilledStore store;
  private final StoreQuery query;
  private final int inFlight;

  /** Does not close the store. */
  QueryVariant(FilledStore store, StoreQuery query, int inFlight) {
    this.store = store;
    this.query = query;
    this.inFlight = inFlight;
  }

  @Override
  public String name() {
    return "%s-%d-%s".formatted(query.name().toLowerCase(Locale.ROOT), inFlight, store.name());
  }

  @Override
  public ServerProcess server() {
    return store.server();
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(
        inFlight,
        length,
        (slot, operation) -> query.run(store.stub(slot), store.jobs(), operation));
  }

  @Override
  public void close() {}
}
