package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Deque;

/**
 * What distinguishes one kind of watch from another: its request, the meaning of its messages, and
 * how it resumes. Not thread-safe; {@link WatchFeed} calls it under its lock.
 *
 * @param <Q> type of the request
 * @param <R> type of the server's messages
 * @param <E> type of the events made from them
 */
interface WatchProtocol<Q, R, E> {
  /** What is watched, for log lines. */
  String description();

  MethodDescriptor<Q, R> method();

  /** Builds the request that resumes after the messages received so far. */
  Q request();

  /** How long the server may stay silent before the connection is replaced. */
  Duration idleTimeout();

  /** Turns a message into events. */
  Deque<E> advance(R message);

  /** Position after the messages received so far; 0 if this kind of watch has no positions. */
  default long sequence() {
    return 0;
  }

  /** Position after an event is consumed; 0 if the event does not determine one. */
  default long sequenceAfter(E event) {
    return 0;
  }

  /** Whether a stream that the server ended without error was complete. */
  default boolean isComplete() {
    return false;
  }

  /** Prepares to start over if the server can no longer resume; returns whether it does. */
  default boolean restartsAfter(ServerError error) {
    return false;
  }
}
