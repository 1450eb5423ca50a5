package dev.milepost.faults;

import java.io.IOException;

/** A database that several servers share, and that can be hurt. Thread-safe. */
interface Engine extends AutoCloseable {
  /** What people call it. */
  String title();

  /** URL of a store within it that nobody has used yet. */
  String emptyStore();

  /**
   * Ends the connections by which servers hear of each other's changes.
   *
   * @return how many there were
   */
  int cutFeeds() throws IOException;

  /**
   * Ends every connection.
   *
   * @return how many there were
   */
  int cutAll() throws IOException;

  /** Ends as in a crash, and comes back with what was on the disk. */
  void crash() throws IOException;

  @Override
  void close() throws IOException;
}
