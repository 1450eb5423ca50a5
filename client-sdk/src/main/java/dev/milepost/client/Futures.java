package dev.milepost.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Helpers for this library's futures.
 *
 * <p>The stages of {@link CompletableFuture} hand on a failure wrapped in a {@link
 * CompletionException}, and do not hand on a cancellation. Those made here fail with the exception
 * itself, and cancel the call that they wait for.
 */
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

  /** Converts the result. */
  static <T, R> CompletableFuture<R> map(
      CompletableFuture<T> source, Function<? super T, ? extends R> convert) {
    return then(source, (value, result) -> result.complete(convert.apply(value)));
  }

  /** Makes another call with the result. */
  static <T, R> CompletableFuture<R> compose(
      CompletableFuture<T> source, Function<? super T, CompletableFuture<R>> call) {
    return then(source, (value, result) -> follow(result, call.apply(value)));
  }

  /** Makes another call if the first one failed. */
  static <T> CompletableFuture<T> recover(
      CompletableFuture<T> source, Function<Throwable, CompletableFuture<T>> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    cancelTogether(result, source);
    onDone(
        source,
        (value, thrown) -> {
          if (thrown == null) {
            complete(result, value);
            return;
          }
          try {
            follow(result, call.apply(unwrap(thrown)));
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** A future of the same result, whose cancellation leaves the first one as it is. */
  static <T> CompletableFuture<T> copy(CompletableFuture<T> source) {
    CompletableFuture<T> result = new CompletableFuture<>();
    completeWith(result, source);
    return result;
  }

  /** Cancels the second future, and the call behind it, when the first one is cancelled. */
  static void cancelTogether(CompletableFuture<?> result, CompletableFuture<?> call) {
    onDone(
        result,
        (value, thrown) -> {
          if (result.isCancelled()) {
            call.cancel(false);
          }
        });
  }

  private static <T, R> CompletableFuture<R> then(
      CompletableFuture<T> source, BiConsumer<T, CompletableFuture<R>> action) {
    CompletableFuture<R> result = new CompletableFuture<>();
    cancelTogether(result, source);
    onDone(
        source,
        (value, thrown) -> {
          if (thrown != null) {
            result.completeExceptionally(unwrap(thrown));
            return;
          }
          try {
            action.accept(present(value), result);
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static <T> void follow(CompletableFuture<T> result, CompletableFuture<T> call) {
    cancelTogether(result, call);
    completeWith(result, call);
  }

  private static <T> void completeWith(CompletableFuture<T> result, CompletableFuture<T> source) {
    onDone(
        source,
        (value, thrown) -> {
          if (thrown == null) {
            complete(result, value);
          } else {
            result.completeExceptionally(unwrap(thrown));
          }
        });
  }

  private static <T> void complete(CompletableFuture<T> result, @Nullable T value) {
    result.complete(present(value));
  }

  /** A future that did not fail has its result, which is null only where its type says so. */
  @SuppressWarnings("NullAway")
  private static <T> T present(@Nullable T value) {
    return value;
  }

  static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause != null
            && (thrown instanceof CompletionException || thrown instanceof ExecutionException)
        ? unwrap(cause)
        : thrown;
  }
}
