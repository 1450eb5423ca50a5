package dev.milepost.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A call of any registered method as bytes, with its exact response. */
record RawCall(String method, boolean streaming) {
  /**
   * The outcome of a call.
   *
   * @param code status; OK if a stream sent a first message
   * @param message message of the status
   * @param trailers all trailers but the request id, in printable form
   * @param response first message; empty if there was none
   */
  record Answer(
      Status.Code code, String message, Map<String, String> trailers, ByteString response) {}

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  /** Returns every registered method, implemented or not. */
  static List<RawCall> all(Channel channel) throws Exception {
    List<RawCall> calls = new ArrayList<>();
    ServerReflectionRequest services =
        ServerReflectionRequest.newBuilder().setListServices("*").build();
    for (var service : reflect(channel, services).getListServicesResponse().getServiceList()) {
      ServerReflectionRequest file =
          ServerReflectionRequest.newBuilder().setFileContainingSymbol(service.getName()).build();
      for (ByteString bytes :
          reflect(channel, file).getFileDescriptorResponse().getFileDescriptorProtoList()) {
        FileDescriptorProto proto = FileDescriptorProto.parseFrom(bytes);
        proto.getServiceList().stream()
            .filter(any -> (proto.getPackage() + '.' + any.getName()).equals(service.getName()))
            .flatMap(any -> any.getMethodList().stream())
            .forEach(method -> calls.add(of(service.getName(), method)));
      }
    }
    return calls;
  }

  private static RawCall of(String service, MethodDescriptorProto method) {
    return new RawCall(
        service + '/' + method.getName(),
        method.getServerStreaming() || method.getClientStreaming());
  }

  private static ServerReflectionResponse reflect(Channel channel, ServerReflectionRequest request)
      throws Exception {
    RawCall call =
        new RawCall(ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName(), true);
    return ServerReflectionResponse.parseFrom(call.send(channel, request).response());
  }

  /** Sends one request, and receives the first response message or the end of the call. */
  Answer send(Channel channel, Message request) throws Exception {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.newBuilder(BYTES, BYTES)
            .setFullMethodName(method)
            .setType(
                streaming
                    ? MethodDescriptor.MethodType.BIDI_STREAMING
                    : MethodDescriptor.MethodType.UNARY)
            .build();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call =
        channel.newCall(descriptor, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          private ByteString first = ByteString.EMPTY;

          @Override
          public void onMessage(byte[] message) {
            first = ByteString.copyFrom(message);
            if (streaming) {
              answer.complete(new Answer(Status.Code.OK, "", Map.of(), first));
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            answer.complete(
                new Answer(
                    status.getCode(),
                    String.valueOf(status.getDescription()),
                    printed(trailers),
                    first));
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request.toByteArray());
    call.halfClose();
    Answer got = answer.get(20, TimeUnit.SECONDS);
    call.cancel("the first message is enough", null);
    return got;
  }

  private static Map<String, String> printed(Metadata trailers) {
    Map<String, String> printed = new TreeMap<>();
    for (String key : trailers.keys()) {
      if (key.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        byte[] value = trailers.get(Metadata.Key.of(key, Metadata.BINARY_BYTE_MARSHALLER));
        printed.put(key, java.util.HexFormat.of().formatHex(value));
      } else if (!key.equals("x-request-id")) {
        printed.put(key, trailers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER)));
      }
    }
    return printed;
  }
}
