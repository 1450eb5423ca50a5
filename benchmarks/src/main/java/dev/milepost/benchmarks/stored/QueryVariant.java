package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.Locale;

/** Asks a store with many jobs the same kind of question, a number of times at once. */
final class QueryVariant implements Variant {
  private final FilledStore store;
  private final StoreQuery question;
  private final int inFlight;

  /** The store stays its owner's. */
  QueryVariant(FilledStore store, StoreQuery question, int inFlight) {
    this.store = store;
    this.question = question;
    this.inFlight = inFlight;
  }

  @Override
  public String name() {
    return "%s-%d-%s".formatted(question.name().toLowerCase(Locale.ROOT), inFlight, store.name());
  }

  @Override
  public ServerProcess server() {
    return store.server();
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(
        inFlight, length, (slot, turn) -> question.ask(store.stub(slot), store.jobs(), turn));
  }

  @Override
  public void close() {}
}
