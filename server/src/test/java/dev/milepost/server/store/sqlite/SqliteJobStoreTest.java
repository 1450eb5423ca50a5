package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.TermLeftoversContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteJobStoreTest extends DurableJobStoreContract implements TermLeftoversContract {
  @TempDir private Path directory;

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return SqliteJobStore.open(
        directory.resolve("jobs.db"), clock, journalCap, CommitObserver.NONE);
  }

  @Override
  public StoreDamage damage() {
    return new SqliteDamage(directory.resolve("jobs.db"));
  }

  @Override
  public long terms() {
    return new SqliteDamage(directory.resolve("jobs.db")).terms();
  }

  /** The writer remembers running jobs, and so may not notice. */
  @Override
  public void damaged() {
    reopen();
  }
}
