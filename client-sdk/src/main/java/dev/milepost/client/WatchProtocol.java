package dev.milepost.client;

import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Deque;

/**
 * One kind of watch: what is asked for, what the messages mean, and how it goes on after a break.
 * Not thread-safe: its feed sees to that.
 *
 * @param <Q> the request
 * @param <R> the messages
 * @param <E> the events that come of them
 */
interface WatchProtocol<Q, R, E> {
  /** What is watched, for people. */
  String what();

  MethodDescriptor<Q, R> method();

  /** The request that goes on after what was received. */
  Q request();

  /** So long the server may be silent. */
  Duration idleTimeout();

  /** What is new in a message. */
  Deque<E> advance(R message);

  /** Where the watch stands now, as a number; 0 where it has none. */
  long sequence();

  /** Where it stands once an event was consumed; 0 where that does not say it. */
  long sequenceAfter(E event);

  /** Whether a stream that ended well has said all there is. */
  boolean isComplete();

  /** Whether the watch can begin anew after an error that it could not go on from. */
  boolean restartsAfter(ServerError error);
}
