package dev.milepost.server.wire;

import io.grpc.Codec;
import io.grpc.Context;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives failures of the transport the details of every other error: gRPC itself would end such a
 * call with a bare status, which no interceptor sees. Its tracer is notified of the failure just
 * before that, and ends the call first.
 */
public final class TransportFailures {
  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
  private static final DecompressorRegistry ENCODINGS =
      DecompressorRegistry.emptyInstance()
          .with(Codec.Identity.NONE, false)
          .with(new LazyGzip(), true);
  private static final Context.Key<Tracer> KEY = Context.key("milepost-transport");

  /** Failures of what the caller sent. Others mean that it is gone and receives nothing. */
  private static final Set<Status.Code> CAUSED_BY_CALLER =
      Set.of(Status.Code.RESOURCE_EXHAUSTED, Status.Code.INTERNAL, Status.Code.UNKNOWN);

  private TransportFailures() {}

  /** Makes a server pass failures of its transport to {@link #start}. */
  public static void addTo(ServerBuilder<?> server) {
    server
        .addStreamTracerFactory(new TracerFactory())
        .decompressorRegistry(ENCODINGS)
        .fallbackHandlerRegistry(new UnknownMethods());
  }

  /**
   * Starts a call so that it ends with an error of the contract whatever fails.
   *
   * @param closer closes a call with the status for a failure
   */
  public static <Q, A> ServerCall.Listener<Q> start(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      BiConsumer<ServerCall<?, ?>, Throwable> closer) {
    GuardedCall<Q, A> guarded = new GuardedCall<>(call, closer);
    Tracer tracer = KEY.get();
    return guarded.start(
        headers,
        (same, sameHeaders) -> {
          UnknownMethods.refuse(call);
          if (tracer != null) {
            tracer.watch(guarded);
          }
          return next.startCall(same, sameHeaders);
        });
  }

  /** The error for a message that gRPC found too large; its description names the limit. */
  static RequestException tooLarge(Status status) {
    return new RequestException.MessageTooLarge(
        status.getDescription()
            + " (milepost.limits.message-size). Divide the request. The administrator of this"
            + " server can raise the limit.");
  }

  private static RequestException failure(Status status) {
    return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
        ? tooLarge(status)
        : new RequestException.MalformedRequest(
            "The call does not follow the gRPC protocol"
                + (status.getDescription() == null ? "" : ": " + status.getDescription())
                + ".");
  }

  private static final class TracerFactory extends ServerStreamTracer.Factory {
    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
      String encoding = headers.get(ENCODING);
      boolean isKnown = encoding == null || ENCODINGS.lookupDecompressor(encoding) != null;
      if (!isKnown) {
        // Otherwise gRPC ends the call before any interceptor sees it.
        headers.discardAll(ENCODING);
      }
      return new Tracer(isKnown);
    }
  }

  private static final class Tracer extends ServerStreamTracer {
    private final boolean hasKnownEncoding;
    private volatile @Nullable GuardedCall<?, ?> call;

    Tracer(boolean hasKnownEncoding) {
      this.hasKnownEncoding = hasKnownEncoding;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(KEY, this);
    }

    void watch(GuardedCall<?, ?> started) {
      if (!hasKnownEncoding) {
        throw new RequestException.UnknownEncoding(
            String.join(" and ", ENCODINGS.getKnownMessageEncodings()));
      }
      call = started;
    }

    /** gRPC resets a call that has two requests instead of one, without a status. */
    @Override
    public void inboundMessage(int number) {
      GuardedCall<?, ?> open = call;
      if (open != null
          && number > 0
          && open.getMethodDescriptor().getType().clientSendsOneMessage()) {
        end(
            new RequestException.MalformedRequest(
                "The call has several requests; this method takes one."));
      }
    }

    @Override
    public void streamClosed(Status status) {
      if (CAUSED_BY_CALLER.contains(status.getCode())) {
        end(failure(status));
      }
    }

    private void end(RequestException failure) {
      GuardedCall<?, ?> open = call;
      if (open != null && !open.isClosed()) {
        open.fail(failure);
      }
    }
  }
}
