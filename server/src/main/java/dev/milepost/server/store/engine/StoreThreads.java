package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A fixed number of threads with a bounded queue of work. Thread-safe. */
public final class StoreThreads implements AutoCloseable {
  private final ThreadPoolExecutor threads;

  /**
   * Starts threads as work arrives.
   *
   * @param queueLimit maximum number of waiting calls; further ones fail
   */
  public StoreThreads(String name, int count, int queueLimit) {
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queueLimit),
            ThreadFactories.nonDaemon(name));
  }

  /**
   * Runs work on one of the threads.
   *
   * @param work must complete the stage that it is given
   * @return that stage; it has failed if the threads are closed or too much work waits
   */
  public <T> CompletionStage<T> submit(Consumer<CompletableFuture<T>> work) {
    CompletableFuture<T> stage = new CompletableFuture<>();
    try {
      threads.execute(() -> work.accept(stage));
    } catch (RejectedExecutionException e) {
      stage.completeExceptionally(
          threads.isShutdown() ? StoreFailures.closed() : StoreFailures.overloaded());
    }
    return stage;
  }

  /** Waits until all submitted work is done. */
  @Override
  public void close() {
    threads.shutdown();
    while (!Uninterruptibles.get(() -> threads.awaitTermination(1, TimeUnit.MINUTES))) {
      // Each piece of work is bounded, so this ends.
    }
  }
}
