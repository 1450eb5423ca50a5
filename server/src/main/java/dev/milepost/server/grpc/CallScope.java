package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.BulkCall;
import io.grpc.Context;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one call: its request id and its caller. Thread-safe.
 *
 * <p>It is the only value that the server puts into a call's context: each further one would cost
 * every call another context and wrapper.
 */
public final class CallScope {
  private static final CallScope OUTSIDE = new CallScope("-");
  private static final Context.Key<CallScope> KEY =
      Context.keyWithDefault("milepost-call", OUTSIDE);

  private final String requestId;
  private volatile @Nullable Caller caller;
  private volatile @Nullable Caller provedCaller;
  private volatile @Nullable String presentedCredential;
  private volatile Consumer<String> changes = jobId -> {};

  CallScope(String requestId) {
    this.requestId = requestId;
  }

  /** Returns the scope of the current call, or an anonymous scope outside of a call. */
  public static CallScope current() {
    return KEY.get();
  }

  /**
   * Runs a listener when the current call ends, however it ends; at once if it has ended. gRPC
   * cancels the call's context after its last message, when the client cancels, at the deadline,
   * and if the call cannot be started.
   *
   * @param ending must be quick and must not throw
   */
  static void atEnd(Context.CancellationListener ending) {
    Context.current().addListener(ending, Runnable::run);
  }

  /** Returns a context with this scope. */
  Context within(Context context) {
    return context.withValue(KEY, this);
  }

  /**
   * Sets the caller.
   *
   * @param proved the caller as its credential proves it, before an impersonated tenant is applied
   */
  void identify(Caller caller, Caller proved) {
    requireCall();
    this.caller = caller;
    provedCaller = proved;
  }

  /**
   * Notes that the call's credential was refused.
   *
   * @param presented identifies the refused credential without revealing it
   */
  void refuse(String presented) {
    requireCall();
    presentedCredential = presented;
  }

  /** Returns what identifies the call's credential if it was refused; otherwise null. */
  @Nullable String presentedCredential() {
    return presentedCredential;
  }

  /**
   * Sets the listener for the ids of jobs that the call changes without naming them in its request
   * or response.
   *
   * @param listener called on any thread, also after the call has ended
   */
  void onChange(Consumer<String> listener) {
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
      throw new IllegalStateException("not within a call");
    }
  }

  /** Returns the id that finds the call's log lines; a dash outside of a call. */
  String requestId() {
    return requestId;
  }

  /** Returns the caller; null before authentication. */
  @Nullable Caller caller() {
    return caller;
  }

  /** Returns the caller as its credential proves it; null before authentication. */
  @Nullable Caller provedCaller() {
    return provedCaller;
  }
}
