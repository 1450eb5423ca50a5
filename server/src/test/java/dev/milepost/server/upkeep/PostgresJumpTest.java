package dev.milepost.server.upkeep;

import dev.milepost.server.store.PostgresProcess;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PostgresJumpTest extends EngineJumpContract {
  private static PostgresProcess postgres;

  @BeforeAll
  static void start() {
    postgres = PostgresProcess.start();
    postgres.makeClockSettable();
  }

  @AfterAll
  static void stop() throws IOException {
    postgres.close();
  }

  @Override
  protected String url() {
    return postgres.emptyStore();
  }

  @Override
  protected void jump(Duration by) {
    postgres.setClock(by);
  }
}
