package dev.milepost.faults;

import java.io.IOException;

/** A database that several servers share and that faults are injected into. Thread-safe. */
interface Engine extends AutoCloseable {
  /** Its name in reports. */
  String title();

  /** Returns the URL of a new, empty store. */
  String emptyStore();

  /**
   * Closes the connections on which servers receive each other's changes.
   *
   * @return the number of closed connections
   */
  int disconnectFeeds() throws IOException;

  /**
   * Closes every connection.
   *
   * @return the number of closed connections
   */
  int disconnectAll() throws IOException;

  /** Crashes the database and restarts it with what was on the disk. */
  void crash() throws IOException;

  @Override
  void close() throws IOException;
}
