package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request and the call that it has become. The call is asked for its next message only
 * when the previous one has been written to the connection, so that a client that does not read
 * holds one message. A client that leaves cancels the call.
 *
 * <p>gRPC calls it on an event loop; JSON is written on a thread of the HTTP server.
 */
abstract class Exchange extends ClientCall.Listener<Message> {
  private static final long SMALL_BODY = 64 * 1024;
  private static final long MAX_BODY_WAIT_MILLIS = 1_000;
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

  // Guarded by this.
  private boolean bodyIsArriving;
  private @Nullable Runnable afterBody;

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

  /**
   * The body of the request is about to be read. An error waits for the rest of a small one, since
   * a connection with an unread body cannot be used again.
   */
  void expectBody() {
    synchronized (this) {
      bodyIsArriving = true;
    }
  }

  /** Tells a client of HTTP/1.1 not to use the connection again. */
  static void closeAfterwards(Request request, Response response) {
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
  }

  /** The rest of the body takes too long. */
  private void stopWaiting() {
    synchronized (this) {
      if (afterBody == null) {
        return;
      }
      closeAfterwards(request, response);
    }
    threads.execute(this::bodyEnded);
  }

  /** Nothing more of the body is read. */
  private void bodyEnded() {
    Runnable next;
    synchronized (this) {
      bodyIsArriving = false;
      next = afterBody;
      afterBody = null;
    }
    if (next != null) {
      next.run();
    }
  }

  /** Sends the request, or all requests of a stream. */
  void send(List<Message> messages) {
    bodyEnded();
    messages.forEach(call::sendMessage);
    call.halfClose();
  }

  /** Ends the exchange before its request was sent. */
  void refuse(Throwable failure) {
    bodyEnded();
    // First: the call's end would begin the response otherwise.
    boolean isFirst = begin();
    call.cancel("The request is invalid.", null);
    if (isFirst) {
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

  /** Takes over what the call says of itself. Call it before the response is written. */
  final void note(Metadata headers) {
    String id = headers.get(REQUEST_ID_KEY);
    if (id != null && !response.isCommitted()) {
      response.getHeaders().put(REQUEST_ID, id);
    }
  }

  /** Writes the error with which the call has ended, as the whole response. */
  final void fail(io.grpc.Status status, Metadata trailers) {
    over = true;
    Runnable write =
        () -> {
          note(trailers);
          write(ErrorResponse.of(status, trailers));
        };
    long length = request.getLength();
    boolean isSmall = length >= 0 && length <= SMALL_BODY;
    synchronized (this) {
      if (bodyIsArriving && isSmall) {
        afterBody = write;
        var unused =
            request
                .getComponents()
                .getScheduler()
                .schedule(this::stopWaiting, MAX_BODY_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        return;
      }
      if (bodyIsArriving) {
        closeAfterwards(request, response);
      }
    }
    threads.execute(write);
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
