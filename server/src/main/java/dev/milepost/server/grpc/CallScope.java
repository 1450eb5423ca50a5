package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.BulkCall;
import io.grpc.Context;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one call for as long as it goes on: its id, and who makes it.
 *
 * <p>It is the only thing that the house puts into a call's context, since each more would cost
 * every call a context and the wrapper that brings it to the call's handlers. Thread-safe.
 */
public final class CallScope {
  private static final CallScope OUTSIDE = new CallScope("-");
  private static final Context.Key<CallScope> KEY =
      Context.keyWithDefault("milepost-call", OUTSIDE);

  private final String requestId;
  private volatile @Nullable Caller caller;
  private volatile @Nullable Caller provedCaller;
  private volatile Consumer<String> changes = jobId -> {};

  CallScope(String requestId) {
    this.requestId = requestId;
  }

  /** Of the call that is being answered; outside of one, a scope that knows nobody. */
  public static CallScope current() {
    return KEY.get();
  }

  /**
   * Tells when the call that is being answered is over, however it ends; at once where it is over
   * already. A call's context is cancelled when its last message has left, when its caller hangs up
   * or its deadline passes, and when it cannot be begun.
   *
   * @param ending must be quick and must not throw
   */
  static void atEnd(Context.CancellationListener ending) {
    Context.current().addListener(ending, Runnable::run);
  }

  /** A context in which this is the current scope. */
  Context within(Context context) {
    return context.withValue(KEY, this);
  }

  /**
   * Takes down who makes the call.
   *
   * @param proved the same as its credential proves it, wherever it has made itself at home
   */
  void identify(Caller caller, Caller proved) {
    requireCall();
    this.caller = caller;
    provedCaller = proved;
  }

  /**
   * Asks for the ids of jobs that the call changes without its request or its answer naming them.
   *
   * @param listener told from any thread, also after the call's end
   */
  void tellChangesTo(Consumer<String> listener) {
    requireCall();
    changes = listener;
  }

  /** Returns the current call as a bulk change sees it. */
  BulkCall bulk() {
    Context call = Context.current();
    Consumer<String> listener = changes;
    return new BulkCall() {
      @Override
      public boolean isCancelled() {
        return call.isCancelled();
      }

      @Override
      public void changed(String jobId) {
        listener.accept(jobId);
      }
    };
  }

  private void requireCall() {
    if (this == OUTSIDE) {
      throw new IllegalStateException("no call is being answered");
    }
  }

  /** An id that leads to the call's lines in the log; a dash outside of a call. */
  String requestId() {
    return requestId;
  }

  /** Who makes the call; null where nobody knows, or not yet. */
  @Nullable Caller caller() {
    return caller;
  }

  /** The same as its credential proves it; null where nobody knows, or not yet. */
  @Nullable Caller provedCaller() {
    return provedCaller;
  }
}
