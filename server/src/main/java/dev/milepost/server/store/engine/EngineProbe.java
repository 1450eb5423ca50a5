package dev.milepost.server.store.engine;

import dev.milepost.server.store.StoreException;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks an engine whether it can be used, on a connection of its own. Used by one thread at a time.
 */
public interface EngineProbe extends AutoCloseable {
  /**
   * Asks. If its connection is lost, opens another one.
   *
   * @param timeout how long each of these may take
   * @return why the engine, which responds, accepts no changes, and what to do; empty if it does
   * @throws StoreException if the engine cannot be reached, or refuses this server
   */
  Optional<String> check(Duration timeout);

  /** Closes the connection. */
  @Override
  void close();
}
