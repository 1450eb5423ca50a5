package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

class SqliteJobStoreTest extends DurableJobStoreContract {
  @TempDir private Path directory;

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return SqliteJobStore.open(
        directory.resolve("jobs.db"), clock, journalCap, CommitObserver.NONE);
  }

  @Override
  public void damage(JobKey key, Damage damage) {
    try (Statements sql = SqliteConnections.writer(directory.resolve("jobs.db"), 0)) {
      sql.of(
              switch (damage) {
                case GARBAGE -> "UPDATE job SET status = x'ffffff' WHERE tenant_id = ? AND id = ?";
                case EMPTY -> "UPDATE job SET status = x'' WHERE tenant_id = ? AND id = ?";
                case SPEC -> "UPDATE job SET spec = x'ffffff' WHERE tenant_id = ? AND id = ?";
              },
              key.tenantId(),
              key.jobId())
          .executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    // The writer remembers running jobs, and so may not notice.
    reopen();
  }
}
