package dev.milepost.server.watch;

/** Somebody's hold on a watch. Thread-safe, never blocks. */
public interface Watch extends AutoCloseable {
  /** The stream has become ready: send what has gathered. */
  void ready();

  /** Ends the watch with a reason, which its listener is told. */
  void end(RuntimeException reason);

  /** Nobody listens any more. Does nothing the second time. */
  @Override
  void close();
}
