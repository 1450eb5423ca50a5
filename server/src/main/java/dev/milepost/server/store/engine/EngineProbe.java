package dev.milepost.server.store.engine;

import dev.milepost.server.store.StoreException;
import java.time.Duration;

/**
 * Asks an engine whether it can be used, on a connection of its own. Used by one thread at a time.
 */
public interface EngineProbe extends AutoCloseable {
  /**
   * Asks. If its connection is lost, opens another one.
   *
   * @param timeout how long each of these may take
   * @throws StoreException if the engine cannot be reached, refuses this server, or accepts no
   *     changes. It has no cause if the engine has responded that it accepts none: then it does not
   *     matter that reads succeed
   */
  void check(Duration timeout);

  /** Closes the connection. */
  @Override
  void close();
}
