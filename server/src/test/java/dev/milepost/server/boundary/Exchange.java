package dev.milepost.server.boundary;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.milepost.v1.ReportStreamResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client of default limits receives for a request: the first response message, or the error.
 *
 * @param response the first message; null if there was none
 * @param error OK if there was a message or the call ended well
 */
record Exchange(@Nullable Message response, com.google.rpc.Status error) {
  private static final int PATIENCE_SECONDS = 5;

  /** Sends the messages of a request and waits for the first response or the end. */
  @SuppressWarnings("unchecked") // Every request and response is a Message.
  static Exchange send(
      Channel channel, MethodDescriptor<?, ?> method, List<? extends Message> request)
      throws Exception {
    CompletableFuture<Exchange> result = new CompletableFuture<>();
    ClientCall<Message, Message> call =
        channel.newCall(
            (MethodDescriptor<Message, Message>) method,
            CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          private @Nullable Exchange first;

          @Override
          public void onMessage(Message message) {
            first = received(message);
            if (!method.getType().serverSendsOneMessage()) {
              result.complete(first);
            }
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            result.complete(
                first != null && status.isOk()
                    ? first
                    : new Exchange(null, StatusProto.fromStatusAndTrailers(status, trailers)));
          }
        },
        new Metadata());
    call.request(2);
    request.forEach(call::sendMessage);
    call.halfClose();
    Exchange received = result.get(PATIENCE_SECONDS + 1, TimeUnit.SECONDS);
    call.cancel("the first message is enough", null);
    return received;
  }

  /** An error within a stream of reports is the error of the report. */
  private static Exchange received(Message message) {
    return message instanceof ReportStreamResponse report && report.hasError()
        ? new Exchange(null, report.getError())
        : new Exchange(message, com.google.rpc.Status.getDefaultInstance());
  }

  Status.Code code() {
    return Status.fromCodeValue(error.getCode()).getCode();
  }

  boolean isOk() {
    return code() == Status.Code.OK;
  }

  /** Whether the error has an ErrorInfo, as every error must. */
  boolean hasErrorInfo() {
    return error.getDetailsList().stream().anyMatch(any -> any.is(ErrorInfo.class));
  }

  /** Returns the fields that the error names, and why, without the positions in lists. */
  List<String> violations() throws InvalidProtocolBufferException {
    for (Any detail : error.getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        return detail.unpack(BadRequest.class).getFieldViolationsList().stream()
            .map(violation -> violation.getField() + ": " + violation.getDescription())
            .map(violation -> violation.replaceAll("\\[[^]]*\\]", ""))
            .toList();
      }
    }
    return List.of();
  }
}
