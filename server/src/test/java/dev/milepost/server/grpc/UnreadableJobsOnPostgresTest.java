package dev.milepost.server.grpc;

import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.postgres.PostgresDamage;

class UnreadableJobsOnPostgresTest extends UnreadableJobsContract {
  private final String url = Postgres.emptyStore();

  @Override
  protected String url() {
    return url;
  }

  @Override
  protected StoreDamage damage() {
    return new PostgresDamage(url);
  }
}
