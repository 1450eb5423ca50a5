package dev.milepost.benchmarks.floors;

import com.google.protobuf.Message;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;

/** The methods of the echo server, with Milepost's messages. */
public final class EchoMethods {
  static final String SERVICE = "milepost.bench.Echo";

  static final MethodDescriptor<CreateJobRequest, CreateJobResponse> UNARY =
      method(
          "Unary",
          MethodType.UNARY,
          CreateJobRequest.getDefaultInstance(),
          CreateJobResponse.getDefaultInstance());

  static final MethodDescriptor<ReportStreamRequest, ReportStreamResponse> BIDI =
      method(
          "Bidi",
          MethodType.BIDI_STREAMING,
          ReportStreamRequest.getDefaultInstance(),
          ReportStreamResponse.getDefaultInstance());

  /** Subscribes to the messages of {@link #FAN_OUT}. */
  public static final MethodDescriptor<WatchJobRequest, WatchJobResponse> LISTEN =
      method(
          "Listen",
          MethodType.SERVER_STREAMING,
          WatchJobRequest.getDefaultInstance(),
          WatchJobResponse.getDefaultInstance());

  /** Sends one message to all subscribers. */
  public static final MethodDescriptor<WatchJobResponse, WatchJobResponse> FAN_OUT =
      method(
          "FanOut",
          MethodType.UNARY,
          WatchJobResponse.getDefaultInstance(),
          WatchJobResponse.getDefaultInstance());

  private EchoMethods() {}

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      String name, MethodType type, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}
