package dev.milepost.benchmarks;

import java.time.Duration;
import java.util.Locale;

/** Asks a store with many jobs the same kind of question, a number of times at once. */
final class StoredQueries implements Variant {
  private final StoredStore store;
  private final StoredQuestion question;
  private final int inFlight;

  /** The store stays its owner's. */
  StoredQueries(StoredStore store, StoredQuestion question, int inFlight) {
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
  public Work run(Duration length) throws InterruptedException {
    return ClosedLoop.run(
        inFlight, length, (slot, turn) -> question.ask(store.stub(slot), store.jobs(), turn));
  }

  @Override
  public void close() {}
}
