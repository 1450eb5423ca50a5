package dev.milepost.server.grpc;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.milepost.server.wire.TransportFailures;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;

/**
 * Gives every call an id that finds its log lines: the client's {@code x-request-id}, or a new one,
 * and returns it with every response. Creates the call's {@link CallScope}, so all other
 * interceptors run after this one.
 *
 * <p>Nothing escapes it: what fails behind it, in the transport too, ends the call with a status
 * that has details.
 */
@Singleton
public final class RequestIds implements ServerInterceptor {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  @Inject
  RequestIds() {}

  /** Returns the id of the current call; a dash outside of a call. */
  static String current() {
    return CallScope.current().requestId();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String given = headers.get(HEADER);
    String id =
        given != null && WELL_FORMED.matcher(given).matches()
            ? given
            : UuidCreator.getTimeOrderedEpochFast().toString();
    Context context = new CallScope(id).within(Context.current());
    return Contexts.interceptCall(
        context,
        new Stamping<>(call, id),
        headers,
        (stamping, same) -> TransportFailures.start(stamping, same, next, ErrorMap::close));
  }

  /** Adds the id to the headers, or to the trailers of a response without headers. */
  private static final class Stamping<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final String id;
    private boolean stamped;

    Stamping(ServerCall<Q, A> call, String id) {
      super(call);
      this.id = id;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      stamped = true;
      headers.put(HEADER, id);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!stamped) {
        trailers.put(HEADER, id);
      }
      super.close(status, ErrorMap.withDetails(status, trailers));
    }
  }
}
