package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** Where one message to all who listen comes from. Its journal has one entry in each message. */
interface FanOutSource extends AutoCloseable {
  ServerProcess server();

  /** Number of the last entry that was sent. */
  long last();

  /** Listens to what comes after the last entry. Something comes at once. */
  void listen(Connection connection, StreamObserver<WatchJobResponse> listener);

  /** Sends the next entry to all who listen. The future completes when it is acknowledged. */
  CompletableFuture<Void> send();

  @Override
  void close();
}
