package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The source of a fan-out. Each of its messages carries one journal entry. */
interface FanOutSource extends AutoCloseable {
  ServerProcess server();

  /** The sequence of the last sent entry. */
  long last();

  /** Watches from the last entry on. A first message arrives at once. */
  void listen(Connection connection, StreamObserver<WatchJobResponse> listener);

  /** Sends the next entry to all watchers. The future completes when it is acknowledged. */
  CompletableFuture<Void> send();

  @Override
  void close();
}
