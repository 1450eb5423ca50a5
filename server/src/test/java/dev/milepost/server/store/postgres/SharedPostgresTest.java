package dev.milepost.server.store.postgres;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.SharedStoreContract;

class SharedPostgresTest extends SharedStoreContract {
  private final String url = Postgres.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return PostgresJobStore.open(
        url, clock, journalCap, PostgresJobStoreTest.TEST_CLOCK, CommitObserver.NONE);
  }
}
