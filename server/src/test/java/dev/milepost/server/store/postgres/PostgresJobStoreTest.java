package dev.milepost.server.store.postgres;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.sql.SqlGroup;
import java.time.Duration;

class PostgresJobStoreTest extends DurableJobStoreContract {
  static final PostgresOptions TEST_CLOCK =
      new PostgresOptions(
          1_000,
          SqlGroup.MAX_BYTES,
          20_000,
          2,
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          false);

  private final String url = Postgres.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return PostgresJobStore.open(url, clock, journalCap, TEST_CLOCK, CommitObserver.NONE);
  }

  @Override
  public StoreDamage damage() {
    return new PostgresDamage(url);
  }
}
