package dev.milepost.server.http;

import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The first path: the dashboard for browsers; for other programs, a text that says what is served.
 */
final class StartPage {
  private static final String TEXT =
      """
      Milepost %s, HTTP. gRPC is on %s.

      POST /v1/jobs               create a job
      GET  /v1/jobs               list jobs
      GET  /v1/jobs/JOB           read one
      GET  /v1/jobs/JOB:watch     follow it; Accept: text/event-stream for server-sent events
      GET  /v1/jobs/JOB/journal   its logs
      POST /v1/jobs/JOB:cancel    cancel it
      GET  /                      the dashboard, in a browser
      GET  /openapi.json          all paths
      GET  /metrics, /health      for operators

      docs/HTTP.md has examples.
      """;

  private final SiteDescription description;
  private final StaticFiles files;

  StartPage(SiteDescription description, StaticFiles files) {
    this.description = description;
    this.files = files;
  }

  /** Handles a request for the page. */
  void handle(Request request, Response response, Callback callback) {
    String method = request.getMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      Texts.write(response, callback, 405, Texts.PLAIN, "Only GET and HEAD are allowed.\n");
      return;
    }
    response.getHeaders().put(HttpHeader.VARY, "Accept");
    String accept = request.getHeaders().get(HttpHeader.ACCEPT);
    boolean isBrowser = accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
    if (isBrowser) {
      files.handle(request, response, callback, StaticFiles.ROOT);
      return;
    }
    Texts.write(
        response,
        callback,
        200,
        Texts.PLAIN,
        TEXT.formatted(description.version(), description.grpc()));
  }
}
