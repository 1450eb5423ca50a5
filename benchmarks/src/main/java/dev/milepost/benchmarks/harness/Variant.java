package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;

/** One of several alternatives that are measured alternately. Idle between its phases. */
public interface Variant extends AutoCloseable {
  String name();

  /** The server process that it uses. */
  ServerProcess server();

  /** Runs one phase. Any failure fails the whole run. */
  PhaseResult run(Duration length) throws Exception;

  @Override
  void close();
}
