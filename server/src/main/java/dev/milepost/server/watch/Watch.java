package dev.milepost.server.watch;

/** Somebody's hold on a watch. Thread-safe, never blocks. */
public interface Watch extends AutoCloseable {
  /** The stream has become ready: send what has gathered. */
  void ready();

  /** Nobody listens any more. Does nothing the second time. */
  @Override
  void close();
}
