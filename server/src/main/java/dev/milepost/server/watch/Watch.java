package dev.milepost.server.watch;

/** An open watch, as its caller holds it. Thread-safe, never blocks. */
public interface Watch extends AutoCloseable {
  /** Reports that the sink has become ready: sends what there is to send. */
  void ready();

  /** Fails the watch, unless it has ended. */
  void end(RuntimeException reason);

  /** Ends the watch without notifying its sink. Does nothing the second time. */
  @Override
  void close();
}
