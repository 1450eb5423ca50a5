package dev.milepost.server.http.transcode;

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
import org.jspecify.annotations.Nullable;

/**
 * An exchange with a stream of messages. At most one write is in progress; a message or the end
 * that arrives meanwhile waits for it. A call that fails before its first message gets the HTTP
 * status of its error.
 */
final class StreamExchange extends Exchange {
  private final EventFormat format;
  private final Runnable ended;

  // Guarded by this.
  private boolean writing;
  private boolean closed;
  private boolean isSilent = true;
  private @Nullable Message nextMessage;
  private @Nullable String nextEnd;

  /**
   * @param ended called when the stream is over, at least once; quick
   */
  StreamExchange(
      Request request,
      Response response,
      Callback callback,
      ClientCall<Message, Message> call,
      Json json,
      EventFormat format,
      Runnable ended) {
    super(request, response, Callback.from(callback, ended), call, json);
    this.format = format;
    this.ended = ended;
  }

  @Override
  public void onMessage(Message message) {
    synchronized (this) {
      var unused = beginStream();
      isSilent = false;
      if (writing) {
        nextMessage = message;
        return;
      }
      writing = true;
    }
    execute(() -> write(message));
  }

  /** Sets the headers of the response, once; returns whether that was now. */
  private boolean beginStream() {
    boolean isNow = begin();
    if (isNow) {
      response().setStatus(200);
      response().getHeaders().put(HttpHeader.CONTENT_TYPE, format.contentType());
      // For proxies that collect a response before they pass it on.
      response().getHeaders().put("X-Accel-Buffering", "no");
    }
    return isNow;
  }

  private void write(Message message) {
    write(format.message(message), () -> call().request(1));
  }

  private void write(String text, Runnable then) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    response()
        .write(
            false,
            bytes,
            Callback.from(
                () -> {
                  written();
                  then.run();
                },
                this::abort));
  }

  private void written() {
    Message message;
    String end;
    synchronized (this) {
      message = nextMessage;
      nextMessage = null;
      end = message == null ? nextEnd : null;
      writing = message != null || end != null;
    }
    if (message != null) {
      execute(() -> write(message));
    } else if (end != null) {
      writeLast(end);
    }
  }

  private void writeLast(String text) {
    response().write(true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback());
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    callOver();
    ended.run();
    boolean failsFirst;
    synchronized (this) {
      closed = true;
      failsFirst = !status.isOk() && begin();
    }
    if (failsFirst) {
      fail(status, trailers);
      return;
    }
    String end = end(status, trailers);
    synchronized (this) {
      if (beginStream()) {
        note(trailers);
      }
      if (writing) {
        nextEnd = end;
        return;
      }
      writing = true;
    }
    execute(() -> writeLast(end));
  }

  private String end(Status status, Metadata trailers) {
    if (status.isOk()) {
      return format.end();
    }
    ErrorResponse error = ErrorResponse.of(status, trailers);
    return format.error(json().printError(error.httpStatus(), error.status()));
  }

  /** Shows that the stream is alive, if nothing else has since the last call. */
  void keepAlive() {
    synchronized (this) {
      boolean wasSilent = isSilent;
      isSilent = true;
      if (!wasSilent || writing || closed) {
        return;
      }
      writing = true;
      var unused = beginStream();
    }
    execute(() -> write(format.keepAlive(), () -> {}));
  }
}
