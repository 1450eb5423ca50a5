package dev.milepost.server.grpc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class AttemptNoticesOnSqliteTest extends AttemptNoticesContract {
  @TempDir Path directory;

  @Override
  protected String url() {
    return "sqlite:" + directory.resolve("jobs.db");
  }
}
