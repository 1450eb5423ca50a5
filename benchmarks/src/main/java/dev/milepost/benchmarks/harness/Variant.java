package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;

/** One of several things that are measured in turn. Idle while it is not its turn. */
public interface Variant extends AutoCloseable {
  String name();

  /** The process that serves it. */
  ServerProcess server();

  /** Works for so long. Whatever fails, fails the run: nothing is measured then. */
  PhaseResult run(Duration length) throws Exception;

  @Override
  void close();
}
