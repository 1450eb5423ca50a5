package dev.milepost.server.grpc;

import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.sqlite.SqliteDamage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class UnreadableJobsOnSqliteTest extends UnreadableJobsContract {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("jobs.db");
  }

  @Override
  protected String url() {
    return "sqlite:" + file();
  }

  @Override
  protected StoreDamage damage() {
    return new SqliteDamage(file());
  }
}
