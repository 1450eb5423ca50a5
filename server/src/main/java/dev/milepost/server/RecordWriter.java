package dev.milepost.server;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Writes what this server keeps beside the jobs every few seconds, and once more when it closes.
 */
final class RecordWriter implements AutoCloseable {
  private static final long SECONDS = 5;

  /** How long a stopping server waits for the last write. */
  private static final long LAST_SECONDS = 2;

  private final List<Supplier<CompletionStage<Boolean>>> writes;
  private final ScheduledFuture<?> timer;

  /**
   * Writes on a timer, whose thread is not blocked.
   *
   * @param writes each begins a write of what has changed; they do not fail
   */
  RecordWriter(ScheduledExecutorService timer, List<Supplier<CompletionStage<Boolean>>> writes) {
    this.writes = List.copyOf(writes);
    this.timer = timer.scheduleWithFixedDelay(this::begin, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private void begin() {
    var unused = write();
  }

  private CompletableFuture<Void> write() {
    return CompletableFuture.allOf(
        writes.stream()
            .map(write -> write.get().toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  /** The store must still be open. */
  @Override
  public void close() {
    timer.cancel(false);
    var unused =
        write()
            .handle((done, failure) -> failure == null)
            .completeOnTimeout(false, LAST_SECONDS, TimeUnit.SECONDS)
            .join();
  }
}
