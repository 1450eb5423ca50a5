package dev.milepost.server.grpc;

import com.google.protobuf.MessageLite;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.app.LimitException;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.transport.CallBytes;
import dev.milepost.server.transport.CallTerms;
import dev.milepost.server.transport.EventLoops;
import dev.milepost.server.transport.PacedReads;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Applies the bounds of connections and of bytes in flight to each call: refuses it, or ends it
 * with the limit that it exceeds, whatever its service does. Runs before anything that depends on
 * the caller.
 */
@Singleton
public final class CallBounds implements ServerInterceptor {
  private static final Status CLIENT_LEFT =
      Status.CANCELLED.withDescription("The client has left.");

  /** Reads that wait for a job to end, and take nothing meanwhile. */
  private static final Set<String> WAITS =
      Set.of("milepost.v1.JobService/WaitJob", "google.longrunning.Operations/WaitOperation");

  private final AccessPolicy policy;
  private final ServiceObserver observer;
  private final ScheduledExecutorService timer;

  @Inject
  CallBounds(AccessPolicy policy, ServiceObserver observer, ScheduledExecutorService timer) {
    this.policy = policy;
    this.observer = observer;
    this.timer = timer;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    CallBytes bytes = CallBytes.current();
    if (bytes == null) {
      return next.startCall(call, headers);
    }
    String method = call.getMethodDescriptor().getFullMethodName();
    boolean anonymous = policy.isPublic(method);
    boolean reads = !anonymous && !policy.mutates(method) && !WAITS.contains(method);
    Bounded<Q, A> bounded = new Bounded<>(call, bytes, reads);
    try {
      bytes.open(CallTerms.of(call, anonymous, bounded));
    } catch (LimitException e) {
      observer.refused(e.setting());
      ErrorMap.close(call, e);
      return new ServerCall.Listener<>() {};
    }
    return bounded.listen(next.startCall(bounded, headers));
  }

  /**
   * A call that may be ended from outside. Its service then sees a cancelled call, and what it
   * still sends is dropped.
   */
  private final class Bounded<Q, A> extends SimpleForwardingServerCall<Q, A>
      implements CallTerms.End {
    private final CallBytes bytes;
    private final boolean isUnary;
    private final boolean reads;
    private final Executor loop = EventLoops.current();

    /** Null if the client sends a single message. */
    private final @Nullable PacedReads messages;

    /** Held while something is sent: a call may be ended while its service sends. */
    private final Object lock = new Object();

    /** Whether the call has its status. Guarded by the lock. */
    private boolean closed;

    /** Whether a response was dropped because its client had left. Guarded by the lock. */
    private boolean dropped;

    // Confined to the event loop.
    private boolean ended;
    private ServerCall.Listener<Q> service = new ServerCall.Listener<>() {};

    Bounded(ServerCall<Q, A> call, CallBytes bytes, boolean reads) {
      super(call);
      this.bytes = bytes;
      this.isUnary = call.getMethodDescriptor().getType().serverSendsOneMessage();
      this.reads = reads && isUnary;
      this.messages =
          call.getMethodDescriptor().getType().clientSendsOneMessage()
              ? null
              : new PacedReads(bytes, timer, loop, super::request, observer::slowed);
    }

    ServerCall.Listener<Q> listen(ServerCall.Listener<Q> listener) {
      service = listener;
      return new Events();
    }

    @Override
    public void now(LimitException reason) {
      if (refuse(reason)) {
        cancelService();
      }
    }

    @Override
    public void soon(LimitException reason) {
      loop.execute(() -> now(reason));
    }

    private boolean refuse(LimitException reason) {
      synchronized (lock) {
        if (closed) {
          return false;
        }
        closed = true;
        bytes.responded();
        ErrorMap.close(delegate(), reason);
      }
      observer.refused(reason.setting());
      return true;
    }

    private void cancelService() {
      ended = true;
      endMessages();
      service.onCancel();
    }

    @Override
    public void request(int count) {
      if (messages == null) {
        super.request(count);
      } else {
        messages.request(count);
      }
    }

    private void endMessages() {
      if (messages != null) {
        messages.end();
      }
    }

    @Override
    public boolean isReady() {
      boolean ready = super.isReady();
      if (ready && !isUnary) {
        bytes.written();
      }
      return ready;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      synchronized (lock) {
        if (!closed) {
          super.sendHeaders(headers);
        }
      }
    }

    @Override
    public void sendMessage(A message) {
      try {
        synchronized (lock) {
          if (closed) {
            return;
          }
          long size = message instanceof MessageLite sized ? sized.getSerializedSize() : 0;
          if (!bytes.send(size)) {
            dropped = true;
            return;
          }
          if (isUnary) {
            bytes.charge(size);
          }
          super.sendMessage(message);
        }
      } catch (LimitException e) {
        if (refuse(e)) {
          loop.execute(this::cancelService);
        }
        return;
      } finally {
        bytes.readEnded();
      }
      if (!isUnary && super.isReady()) {
        bytes.written();
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (lock) {
        if (!closed) {
          closed = true;
          bytes.responded();
          if (dropped) {
            super.close(CLIENT_LEFT, new Metadata());
          } else {
            super.close(status, trailers);
          }
        }
      }
      bytes.readEnded();
    }

    /** Passes events on until the call is ended from outside. */
    private final class Events extends ServerCall.Listener<Q> {
      @Override
      public void onMessage(Q message) {
        if (!ended) {
          service.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        bytes.requestComplete();
        if (reads) {
          read();
        } else if (!ended) {
          service.onHalfClose();
        }
      }

      /** The service reads from the store as soon as it has the whole request. */
      private void read() {
        Runnable begin = Context.current().wrap(this::begin);
        try {
          bytes.read(begin, () -> loop.execute(begin));
        } catch (LimitException e) {
          now(e);
        }
      }

      /** A call that has its status, such as for a malformed request, reads nothing. */
      private void begin() {
        boolean isOver;
        synchronized (lock) {
          isOver = closed;
        }
        if (ended || isOver) {
          bytes.readEnded();
        } else {
          service.onHalfClose();
        }
      }

      @Override
      public void onReady() {
        if (!isUnary) {
          bytes.written();
        }
        if (!ended) {
          service.onReady();
        }
      }

      @Override
      public void onCancel() {
        endMessages();
        if (!ended) {
          service.onCancel();
        }
      }

      @Override
      public void onComplete() {
        endMessages();
        if (!ended) {
          service.onComplete();
        }
      }
    }
  }
}
