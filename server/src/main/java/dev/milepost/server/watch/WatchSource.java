package dev.milepost.server.watch;

/**
 * Decides what one watch sends, message by message, and sends it through its {@link Cursor}.
 * Confined to the hub's executor.
 */
interface WatchSource {
  /**
   * Sends the next message, or starts to read it from the store.
   *
   * @return whether to call again while the sink is ready; false if there is nothing to send until
   *     something changes
   */
  boolean sendNext();

  /** Sends the position alone, if the watch has got beyond its first state. */
  void sendBookmark();

  /** Returns the position to resume from after the last message; see {@link WatchSink#failed}. */
  String position();

  /** The watch has ended: it sends nothing any more. */
  default void closed() {}

  /** Returns how many journal entries this watch has not sent or skipped yet. */
  default long entriesBehind() {
    return 0;
  }
}
