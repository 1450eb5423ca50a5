package dev.milepost.server.store.open;

import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.postgres.PostgresCheck;
import dev.milepost.server.store.redis.RedisCheck;
import dev.milepost.server.store.sqlite.SqliteCheck;

/** Checks the store that a URL names. */
public final class StoreChecks {
  private StoreChecks() {}

  /**
   * Reads everything that a store keeps, and verifies it. Blocks; changes nothing.
   *
   * @param url URL of a SQLite store that no server uses, of a backup of one, or of a PostgreSQL or
   *     Redis store, which servers may use
   * @throws StoreException if the store cannot be checked: it is in use, is of another version, or
   *     cannot be reached
   */
  public static StoreCheck run(String url, StoreCheck.Progress progress) {
    if (StoreOpener.isPostgres(url)) {
      return PostgresCheck.run(url, progress);
    }
    if (StoreOpener.isRedis(url)) {
      return RedisCheck.run(url, progress);
    }
    return SqliteCheck.run(
        StoreOpener.sqliteFile(url)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Outcome.NOT_APPLIED,
                        "Only SQLite, PostgreSQL and Redis stores can be verified: sqlite:PATH,"
                            + " postgresql://USER:PASSWORD@HOST/DATABASE,"
                            + " redis://USER:PASSWORD@HOST.")),
        progress);
  }
}
