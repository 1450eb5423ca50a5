package dev.milepost.server.store.open;

import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.sqlite.SqliteCheck;

/** Checks the store that a URL names, while no server uses it. */
public final class StoreChecks {
  private StoreChecks() {}

  /**
   * Reads everything that a store keeps, and verifies it. Blocks; changes nothing.
   *
   * @param url URL of a SQLite store, or of a backup of one
   * @throws StoreException if the store cannot be checked: it is in use, is of another version, or
   *     has tools of its own
   */
  public static StoreCheck run(String url, StoreCheck.Progress progress) {
    return SqliteCheck.run(
        StoreOpener.sqliteFile(url)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Outcome.NOT_APPLIED,
                        "Only files of SQLite stores can be verified: sqlite:PATH. PostgreSQL has"
                            + " pg_amcheck and --data-checksums, Redis redis-check-rdb and"
                            + " redis-check-aof.")),
        progress);
  }
}
