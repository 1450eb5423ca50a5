package dev.milepost.server.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Parses requests and drops the fields that this server does not know. Never throws: gRPC answers
 * whatever a marshaller throws as UNKNOWN. Returns either the request, or the failure for {@link
 * StrictRequests} to throw where the call can be answered.
 */
final class RequestMarshaller implements MethodDescriptor.Marshaller<Object> {
  private static final int MAX_KEPT_BUFFER = 64 * 1024;
  private static final ThreadLocal<byte[]> BUFFER =
      ThreadLocal.withInitial(() -> new byte[4 * 1024]);

  private final Message prototype;
  private final Parser<? extends Message> parser;

  RequestMarshaller(Message prototype) {
    this.prototype = prototype;
    this.parser = DiscardUnknownFieldsParser.wrap(prototype.getParserForType());
  }

  @Override
  public InputStream stream(Object request) {
    return ((Message) request).toByteString().newInput();
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // Returned, and thrown again where the call can be ended.
  public Object parse(InputStream stream) {
    try {
      if (stream instanceof KnownLength) {
        int length = stream.available();
        byte[] buffer = buffer(length);
        return parse(buffer, stream.readNBytes(buffer, 0, length));
      }
      byte[] bytes = stream.readAllBytes();
      return parse(bytes, bytes.length);
    } catch (IOException e) {
      return new RequestException.MalformedRequest("The request cannot be decompressed.");
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
          ? TransportFailures.tooLarge(e.getStatus())
          : e;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private Object parse(byte[] bytes, int length) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes, 0, length);
    in.setRecursionLimit(FaultFinder.MAX_DEPTH);
    try {
      Message request = parser.parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
      in.checkLastTagWas(0);
      return request;
    } catch (InvalidProtocolBufferException e) {
      return FaultFinder.explain(prototype.getDescriptorForType(), bytes, length);
    }
  }

  /** Messages copy what they keep, so that one buffer serves all requests of a thread. */
  private static byte[] buffer(int length) {
    byte[] kept = BUFFER.get();
    if (length <= kept.length) {
      return kept;
    }
    byte[] larger = new byte[length];
    if (length <= MAX_KEPT_BUFFER) {
      BUFFER.set(larger);
    }
    return larger;
  }
}
