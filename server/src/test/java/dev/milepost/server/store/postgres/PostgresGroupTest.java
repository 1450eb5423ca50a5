package dev.milepost.server.store.postgres;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.GroupBytesContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import java.time.Duration;

class PostgresGroupTest extends GroupBytesContract {
  @Override
  protected JobStore open(SettableClock clock, CommitObserver observer) {
    PostgresOptions options =
        new PostgresOptions(
            1_000, GROUP_BYTES, 20_000, 2, Duration.ofSeconds(1), Duration.ofMinutes(10), false);
    return PostgresJobStore.open(Postgres.emptyStore(), clock, StoreHarness.CAP, options, observer);
  }
}
