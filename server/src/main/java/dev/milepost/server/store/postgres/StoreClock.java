package dev.milepost.server.store.postgres;

import dev.milepost.server.store.sql.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;

/**
 * The database's time, as this machine's clock and how far it is off: so that the clocks of servers
 * may differ. Thread-safe.
 */
final class StoreClock implements InstantSource {
  private static final String NOW = "SELECT clock_timestamp()";

  private final InstantSource local;
  private volatile Duration ahead = Duration.ZERO;

  /** Says the local time until it is set. */
  StoreClock(InstantSource local) {
    this.local = local;
  }

  /** Asks the database; what the way takes is shared out evenly. */
  void set(Statements sql) throws SQLException {
    Instant asked = local.instant();
    try (ResultSet row = sql.of(NOW).executeQuery()) {
      row.next();
      Instant there = row.getObject(1, OffsetDateTime.class).toInstant();
      Instant here = asked.plus(Duration.between(asked, local.instant()).dividedBy(2));
      ahead = Duration.between(here, there);
    }
  }

  @Override
  public Instant instant() {
    return local.instant().plus(ahead);
  }
}
