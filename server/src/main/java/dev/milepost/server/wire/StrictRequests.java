package dev.milepost.server.wire;

import com.google.protobuf.Message;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.function.BiConsumer;

/**
 * Services whose requests are decoded by {@link RequestMarshaller}: unknown fields are dropped, and
 * a request that cannot be decoded ends its call with an error of the contract. So does a call that
 * sends no request.
 */
public final class StrictRequests {
  private final BiConsumer<ServerCall<?, ?>, Throwable> closer;

  /**
   * Creates an instance.
   *
   * @param closer closes a call with the status for a failure
   */
  public StrictRequests(BiConsumer<ServerCall<?, ?>, Throwable> closer) {
    this.closer = closer;
  }

  /** Returns the service with strict requests. */
  public ServerServiceDefinition of(ServerServiceDefinition service) {
    ServiceDescriptor given = service.getServiceDescriptor();
    ServiceDescriptor.Builder schema =
        ServiceDescriptor.newBuilder(given.getName())
            .setSchemaDescriptor(given.getSchemaDescriptor());
    var methods = service.getMethods().stream().map(this::of).toList();
    methods.forEach(method -> schema.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder strict = ServerServiceDefinition.builder(schema.build());
    methods.forEach(strict::addMethod);
    return strict.build();
  }

  private <Q, A> ServerMethodDefinition<Object, A> of(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> given = method.getMethodDescriptor();
    PrototypeMarshaller<Q> marshaller = (PrototypeMarshaller<Q>) given.getRequestMarshaller();
    if (!(marshaller.getMessagePrototype() instanceof Message prototype)) {
      throw new IllegalArgumentException(given.getFullMethodName() + " takes no message");
    }
    return ServerMethodDefinition.create(
        given.toBuilder(new RequestMarshaller(prototype), given.getResponseMarshaller()).build(),
        handler(method.getServerCallHandler(), given.getType().clientSendsOneMessage()));
  }

  /** The cast holds: what is no failure is a request of the method's type. */
  @SuppressWarnings("unchecked")
  private <Q, A> ServerCallHandler<Object, A> handler(
      ServerCallHandler<Q, A> handler, boolean sendsOne) {
    ServerCallHandler<Object, A> decoding =
        (call, headers) ->
            new Decoding(
                (ServerCall.Listener<Object>)
                    handler.startCall((ServerCall<Q, A>) (ServerCall<?, A>) call, headers),
                sendsOne);
    return (call, headers) -> new GuardedCall<>(call, closer).start(headers, decoding);
  }

  /** Throws what the marshaller returned as a failure. */
  private static final class Decoding extends SimpleForwardingServerCallListener<Object> {
    private final boolean sendsOne;
    private boolean sent;

    Decoding(ServerCall.Listener<Object> handler, boolean sendsOne) {
      super(handler);
      this.sendsOne = sendsOne;
    }

    @Override
    public void onMessage(Object request) {
      if (request instanceof RuntimeException failure) {
        throw failure;
      }
      if (request instanceof Error failure) {
        throw failure;
      }
      sent = true;
      super.onMessage(request);
    }

    @Override
    public void onHalfClose() {
      if (sendsOne && !sent) {
        throw new RequestException.MalformedRequest("The call has no request; send one.");
      }
      super.onHalfClose();
    }
  }
}
