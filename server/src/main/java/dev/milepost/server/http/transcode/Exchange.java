package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * One HTTP request and the call that it has become. The call is asked for its next message only
 * when the previous one has been written to the connection, so that a client that does not read
 * holds one message. A client that leaves cancels the call.
 *
 * <p>gRPC calls it on an event loop; JSON is written on a thread of the HTTP server.
 */
abstract class Exchange extends ClientCall.Listener<Message> {
  private static final String REQUEST_ID = "x-request-id";
  private static final Metadata.Key<String> REQUEST_ID_KEY =
      Metadata.Key.of(REQUEST_ID, Metadata.ASCII_STRING_MARSHALLER);

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final ClientCall<Message, Message> call;
  private final Json json;
  private final Executor threads;
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile boolean over;

  Exchange(
      Request request,
      Response response,
      Callback callback,
      ClientCall<Message, Message> call,
      Json json) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.call = call;
    this.json = json;
    this.threads = request.getComponents().getExecutor();
  }

  /** Starts the call without its request, so that its caller is authenticated first. */
  void start(Metadata headers) {
    request.addFailureListener(this::leave);
    // A call may be silent for as long as it takes; the limits of calls hold.
    request.addIdleTimeoutListener(timeout -> over);
    call.start(this, headers);
    call.request(1);
  }

  private void leave(Throwable cause) {
    call.cancel("The client has left.", cause);
  }

  /** Sends the request. */
  void send(Message message) {
    call.sendMessage(message);
    call.halfClose();
  }

  /** Ends the exchange before its request was sent. */
  void refuse(Throwable failure) {
    call.cancel("The request is invalid.", null);
    if (begin()) {
      over = true;
      if (failure instanceof ApiException refusal) {
        write(ErrorResponse.of(refusal));
      } else {
        callback.failed(failure);
      }
    }
  }

  /** Returns true once, for the one who begins the response. */
  final boolean begin() {
    return begun.compareAndSet(false, true);
  }

  @Override
  public void onHeaders(Metadata headers) {
    note(headers);
  }

  private void note(Metadata headers) {
    String id = headers.get(REQUEST_ID_KEY);
    if (id != null && !response.isCommitted()) {
      response.getHeaders().put(REQUEST_ID, id);
    }
  }

  /** Writes the error with which the call has ended, as the whole response. */
  final void fail(io.grpc.Status status, Metadata trailers) {
    over = true;
    threads.execute(
        () -> {
          note(trailers);
          write(ErrorResponse.of(status, trailers));
        });
  }

  private void write(ErrorResponse error) {
    byte[] body = error.prepare(response, json);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /** Ends the connection, or the stream of HTTP/2, in the middle of the response. */
  final void abort(Throwable cause) {
    over = true;
    call.cancel("The response could not be written.", cause);
    callback.failed(cause);
  }

  /** The call has ended: what is still to be written is subject to the connection's timeout. */
  final void callOver() {
    over = true;
  }

  final Response response() {
    return response;
  }

  final Callback callback() {
    return callback;
  }

  final ClientCall<Message, Message> call() {
    return call;
  }

  final Json json() {
    return json;
  }

  /** Runs an action on a thread of the HTTP server. */
  final void execute(Runnable action) {
    threads.execute(
        () -> {
          try {
            action.run();
          } catch (RuntimeException | Error e) {
            abort(e);
          }
        });
  }
}
