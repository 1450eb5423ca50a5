package dev.milepost.server.http;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Errors that the HTTP server itself finds, such as a malformed request: one sentence, without what
 * the server knows of the cause.
 */
final class ErrorPages extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    Texts.write(
        response,
        callback,
        status,
        Texts.PLAIN,
        "%d %s.%n".formatted(status, HttpStatus.getMessage(status)));
    return true;
  }
}
