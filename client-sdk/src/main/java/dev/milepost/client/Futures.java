package dev.milepost.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Helpers for this library's futures. */
final class Futures {
  private Futures() {}

  /** Waits for the result; throws the future's exception, with the caller's stack attached. */
  static <T> T join(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      future.cancel(false);
      throw new CallInterruptedException(e);
    } catch (ExecutionException e) {
      Throwable cause = unwrap(e);
      cause.addSuppressed(new Throwable("called here"));
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      } else if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    }
  }

  /** Runs an action when the future completes, normally or not. */
  static <T> void onDone(
      CompletableFuture<T> future, BiConsumer<@Nullable T, @Nullable Throwable> action) {
    CompletableFuture<T> unused = future.whenComplete(action);
  }

  static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause != null
            && (thrown instanceof CompletionException || thrown instanceof ExecutionException)
        ? unwrap(cause)
        : thrown;
  }
}
