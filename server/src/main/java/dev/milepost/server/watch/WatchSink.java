package dev.milepost.server.watch;

/**
 * Receives the messages of one watch. Called by one thread at a time, though not always the same
 * one; no method may block.
 *
 * @param <T> the messages
 */
public interface WatchSink<T> {
  /** Returns whether a message sent now would leave soon, instead of waiting in a buffer. */
  boolean isReady();

  /** Sends the next message. Called only while the sink is ready. */
  void next(T message);

  /** Ends the watch: its job has finished, and everything about it has been sent. */
  void completed();

  /**
   * Ends the watch early.
   *
   * @param position where to resume after the last message, in the form that the watch's request
   *     takes it; empty if there is no such position
   */
  void failed(Throwable reason, String position);
}
