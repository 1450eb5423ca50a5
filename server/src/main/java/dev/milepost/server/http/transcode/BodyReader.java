package dev.milepost.server.http.transcode;

import com.google.rpc.Code;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one request without blocking, up to a limit. What arrives counts against a
 * budget of all requests until it is passed on.
 */
final class BodyReader implements Runnable {
  private final Request request;
  private final int maxBytes;
  private final Budget budget;
  private final Consumer<String> done;
  private final Consumer<Throwable> failed;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();

  /** Why the body is refused; null if it is not. */
  private @Nullable ApiException refusal;

  /**
   * What was read of a refused body and dropped. A client reads the error when it has sent all; one
   * that sends on and on is cut off.
   */
  private long dropped;

  /**
   * The bytes of bodies in memory. Thread-safe.
   *
   * @param used how many there are
   * @param max how many there may be
   */
  record Budget(AtomicLong used, long max) {
    boolean take(int bytes) {
      if (used.addAndGet(bytes) <= max) {
        return true;
      }
      used.addAndGet(-bytes);
      return false;
    }
  }

  /**
   * @param maxBytes size of a body
   * @param done takes the body, on any thread; call {@link #run} first
   * @param failed takes an {@link ApiException}, or why the body did not arrive
   */
  BodyReader(
      Request request,
      int maxBytes,
      Budget budget,
      Consumer<String> done,
      Consumer<Throwable> failed) {
    this.request = request;
    this.maxBytes = maxBytes;
    this.budget = budget;
    this.done = done;
    this.failed = failed;
  }

  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        end(() -> failed.accept(chunk.getFailure()));
        return;
      }
      if (refusal == null) {
        refusal = add(chunk);
      } else {
        dropped += chunk.remaining();
      }
      ApiException reason = refusal;
      boolean isLast = chunk.isLast();
      chunk.release();
      if (reason != null && (isLast || dropped > maxBytes)) {
        end(() -> failed.accept(reason));
        return;
      }
      if (isLast) {
        String body = content.toString(StandardCharsets.UTF_8);
        end(() -> done.accept(body));
        return;
      }
    }
  }

  private @Nullable ApiException add(Content.Chunk chunk) {
    int more = chunk.remaining();
    if (more > maxBytes - content.size()) {
      return tooLarge(maxBytes);
    }
    if (!budget.take(more)) {
      return ApiException.of(
          503,
          Code.UNAVAILABLE,
          "Too many bytes of requests are arriving (milepost.limits.bytes-in-flight). Try again"
              + " later.");
    }
    byte[] bytes = new byte[more];
    chunk.get(bytes, 0, more);
    content.write(bytes, 0, more);
    return null;
  }

  static ApiException tooLarge(int maxBytes) {
    return ApiException.of(
        413,
        Code.RESOURCE_EXHAUSTED,
        "The body has more than %d bytes (milepost.limits.message-size). Divide the request."
            .formatted(maxBytes));
  }

  private void end(Runnable action) {
    try {
      action.run();
    } finally {
      budget.used().addAndGet(-content.size());
    }
  }
}
