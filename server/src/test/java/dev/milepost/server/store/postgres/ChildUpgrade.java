package dev.milepost.server.store.postgres;

import dev.milepost.server.ServerProcess;
import java.io.IOException;

/** A separate process that upgrades the tables to a later version, in order to be killed. */
final class ChildUpgrade {
  /** Those of this version, and two of a later one, of which the second takes an advisory lock. */
  static final String[] MIGRATIONS = {
    "classpath:milepost/postgres", "classpath:milepost/postgres-later"
  };

  private ChildUpgrade() {}

  static Process start(String url) throws IOException {
    return new ProcessBuilder(
            ServerProcess.java(
                "-cp", System.getProperty("java.class.path"), ChildUpgrade.class.getName(), url))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Upgrades. */
  public static void main(String[] args) {
    PostgresSchema.prepare(PostgresUrl.of(args[0]), MIGRATIONS);
  }
}
