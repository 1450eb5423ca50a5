package dev.milepost.server.grpc;

import dev.milepost.server.store.Postgres;

class AttemptNoticesOnPostgresTest extends AttemptNoticesContract {
  @Override
  protected String url() {
    return Postgres.emptyStore();
  }
}
