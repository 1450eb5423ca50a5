package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

/**
 * An RPC of the contract.
 *
 * @param method how gRPC calls it
 * @param schema how the contract describes it
 * @param emptyRequest a request without any field set
 */
record Rpc(
    MethodDescriptor<Message, Message> method,
    Descriptors.MethodDescriptor schema,
    Message emptyRequest) {
  /** Returns the RPC of a method of generated code. */
  @SuppressWarnings("unchecked") // Generated methods have messages, and marshallers for these.
  static Rpc of(MethodDescriptor<?, ?> method) {
    MethodDescriptor<Message, Message> typed = (MethodDescriptor<Message, Message>) method;
    var schema = (ProtoMethodDescriptorSupplier) method.getSchemaDescriptor();
    var request = (MethodDescriptor.PrototypeMarshaller<Message>) typed.getRequestMarshaller();
    return new Rpc(typed, schema.getMethodDescriptor(), request.getMessagePrototype());
  }

  /** Returns whether the client sends a stream of messages. */
  boolean streamsRequests() {
    return !method.getType().clientSendsOneMessage();
  }

  /** Returns whether the server sends a stream of messages. */
  boolean streamsResponses() {
    return !method.getType().serverSendsOneMessage();
  }
}
