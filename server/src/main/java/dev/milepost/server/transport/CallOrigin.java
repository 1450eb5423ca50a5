package dev.milepost.server.transport;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a local call comes from. It travels with the call's headers as an object of
 * this process: no bytes stand for it, so that no client can send one.
 *
 * @param attributes what the transport of the connection says of it
 */
record CallOrigin(Attributes attributes) {
  private static final Metadata.Key<CallOrigin> KEY =
      Metadata.Key.of("milepost-origin-bin", new Reference());

  private static final Metadata.Key<String> USER_AGENT =
      Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

  /** Adds it to the headers of a call, instead of anything of its name. */
  void addTo(Metadata headers) {
    headers.discardAll(KEY);
    headers.put(KEY, this);
  }

  /** Hands over the object itself. Bytes that a client has sent are no origin. */
  private static final class Reference implements Metadata.BinaryStreamMarshaller<CallOrigin> {
    @Override
    public InputStream toStream(CallOrigin origin) {
      return new Carrier(origin);
    }

    @Override
    public CallOrigin parseStream(InputStream stream) {
      return stream instanceof Carrier carrier ? carrier.origin : new CallOrigin(Attributes.EMPTY);
    }
  }

  /** Has no bytes. */
  private static final class Carrier extends InputStream {
    private final CallOrigin origin;

    Carrier(CallOrigin origin) {
      this.origin = origin;
    }

    @Override
    public int read() {
      return -1;
    }
  }

  /**
   * Gives each call the attributes of its origin, and ends it when its client has taken the last
   * response: the in-process transport would end it at once, and nothing would count what waits for
   * a slow client.
   */
  static final class Receiver implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      CallOrigin origin = headers.get(KEY);
      headers.discardAll(KEY);
      if (origin == null) {
        call.close(Status.INTERNAL.withDescription("The call has no origin."), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      keepFirst(headers);
      Taken<Q, A> taken = new Taken<>(call, origin.attributes());
      return new SimpleForwardingServerCallListener<>(next.startCall(taken, headers)) {
        @Override
        public void onReady() {
          taken.finish();
          super.onReady();
        }
      };
    }
  }

  /** The in-process transport adds its own name behind that of the client. */
  private static void keepFirst(Metadata headers) {
    Iterable<String> agents = headers.removeAll(USER_AGENT);
    if (agents != null) {
      headers.put(USER_AGENT, agents.iterator().next());
    }
  }

  /** A call whose end waits until its client requests the next response. */
  private static final class Taken<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Attributes attributes;

    // Guarded by this.
    private boolean hasSent;
    private @Nullable Runnable end;

    Taken(ServerCall<Q, A> call, Attributes attributes) {
      super(call);
      this.attributes = attributes;
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void sendMessage(A message) {
      synchronized (this) {
        hasSent = true;
      }
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      boolean mustWait;
      synchronized (this) {
        mustWait = hasSent;
        end = () -> super.close(status, trailers);
      }
      if (!mustWait || isReady() || isCancelled()) {
        finish();
      }
    }

    void finish() {
      Runnable now;
      synchronized (this) {
        now = end;
        end = null;
      }
      if (now != null) {
        now.run();
      }
    }
  }
}
