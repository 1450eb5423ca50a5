package dev.milepost.server.store;

import java.time.Duration;
import java.time.Instant;

/**
 * How a store is doing. Immutable.
 *
 * @param engine whether the engine can be reached and accepts changes
 * @param feed whether changes by other servers are received; always up on a store of one server
 * @param space whether there is room for changes
 * @param feedLag time since this server last had all changes by other servers; zero on a store of
 *     one server
 */
public record StoreHealth(PartHealth engine, PartHealth feed, PartHealth space, Duration feedLag) {
  /** A store that has worked since a moment, and that no other server shares. */
  public static StoreHealth up(Instant since) {
    PartHealth up = PartHealth.up(since);
    return new StoreHealth(up, up, up, Duration.ZERO);
  }
}
