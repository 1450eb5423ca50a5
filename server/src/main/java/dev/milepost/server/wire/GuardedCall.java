package dev.milepost.server.wire;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that always ends: whatever its handler throws, an Error too, becomes its status. After
 * that the handler sees a cancelled call, and what it still sends is dropped.
 */
public final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedCall.class);

  private final BiConsumer<ServerCall<?, ?>, Throwable> closer;
  private volatile boolean closed;
  private volatile boolean failed;

  /**
   * Wraps a call.
   *
   * @param closer closes a call with the status for a failure
   */
  public GuardedCall(ServerCall<Q, A> call, BiConsumer<ServerCall<?, ?>, Throwable> closer) {
    super(call);
    this.closer = closer;
  }

  /** Starts the call, and guards it from then on. */
  @SuppressWarnings("CatchingUnchecked")
  public ServerCall.Listener<Q> start(Metadata headers, ServerCallHandler<Q, A> handler) {
    try {
      return new Guarded(handler.startCall(this, headers));
    } catch (RuntimeException | Error e) {
      fail(e);
      return new ServerCall.Listener<>() {};
    }
  }

  /** Ends the call with a failure, if it has not ended. */
  public void fail(Throwable failure) {
    if (closed) {
      LOG.error("A call failed after it had ended.", failure);
      return;
    }
    closed = true;
    failed = true;
    closer.accept(delegate(), failure);
  }

  @Override
  public void sendHeaders(Metadata headers) {
    if (!failed) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public void sendMessage(A message) {
    if (failed) {
      return;
    }
    try {
      super.sendMessage(message);
    } catch (Error e) {
      // gRPC has closed the call before it threw: to close it again would be another failure.
      closed = true;
      failed = true;
      throw e;
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!failed) {
      closed = true;
      super.close(status, trailers);
    }
  }

  /** Returns whether the call has ended for its handler. */
  public boolean isClosed() {
    return closed;
  }

  @SuppressWarnings("CatchingUnchecked")
  private final class Guarded extends SimpleForwardingServerCallListener<Q> {
    private boolean cancelled;

    Guarded(ServerCall.Listener<Q> handler) {
      super(handler);
    }

    @Override
    public void onMessage(Q message) {
      if (!failed) {
        try {
          super.onMessage(message);
        } catch (RuntimeException | Error e) {
          end(e);
        }
      }
    }

    @Override
    public void onHalfClose() {
      if (!failed) {
        try {
          super.onHalfClose();
        } catch (RuntimeException | Error e) {
          end(e);
        }
      }
    }

    @Override
    public void onReady() {
      if (!failed) {
        try {
          super.onReady();
        } catch (RuntimeException | Error e) {
          end(e);
        }
      }
    }

    @Override
    public void onCancel() {
      if (!cancelled) {
        cancelled = true;
        try {
          super.onCancel();
        } catch (RuntimeException | Error e) {
          LOG.error("The cancellation of a call could not be handled.", e);
        }
      }
    }

    @Override
    public void onComplete() {
      if (failed) {
        onCancel();
        return;
      }
      try {
        super.onComplete();
      } catch (RuntimeException | Error e) {
        LOG.error("The end of a call could not be handled.", e);
      }
    }

    private void end(Throwable failure) {
      fail(failure);
      onCancel();
    }
  }
}
