package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** An exchange with one response, which is written as JSON. */
final class UnaryExchange extends Exchange {
  private static final Status UNANSWERED =
      Status.INTERNAL.withDescription("The call has ended without a response.");

  private final String responseBody;

  /** Whether the response is being written; the call then ends because it takes too long. */
  private volatile boolean writing;

  UnaryExchange(
      Request request,
      Response response,
      Callback callback,
      ClientCall<Message, Message> call,
      Json json,
      String responseBody) {
    super(request, response, callback, call, json);
    this.responseBody = responseBody;
  }

  @Override
  public void onMessage(Message message) {
    if (begin()) {
      writing = true;
      execute(() -> write(message));
    }
  }

  private void write(Message message) {
    byte[] body = (print(message) + "\n").getBytes(StandardCharsets.UTF_8);
    response().setStatus(200);
    response().getHeaders().put(HttpHeader.CONTENT_TYPE, Json.CONTENT_TYPE);
    response().write(true, ByteBuffer.wrap(body), Callback.from(this::written, this::abort));
  }

  private String print(Message message) {
    if (responseBody.isEmpty()) {
      return json().print(message);
    }
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(responseBody);
    return json().print((Message) message.getField(field));
  }

  private void written() {
    writing = false;
    // The service's end of the call waits for this: until now the response counted.
    call().request(1);
    callback().succeeded();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    callOver();
    if (begin()) {
      fail(status.isOk() ? UNANSWERED : status, trailers);
    } else if (writing && !status.isOk()) {
      abort(status.asException());
    }
  }
}
