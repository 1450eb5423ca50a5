package dev.milepost.server.http;

import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Says what the port serves: to browsers as a page, to other programs as text. */
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
      GET  /openapi.json          all paths
      GET  /metrics, /health      for operators

      docs/HTTP.md has examples.
      """;

  private static final String HTML =
      """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><title>Milepost</title></head>
      <body>
      <h1>Milepost</h1>
      <p>This is the HTTP port of a Milepost server, version %s. gRPC is on %s.</p>
      <ul>
      <li><a href="openapi.json">openapi.json</a>: every call</li>
      <li><a href="health/ready">health/ready</a>: what the server needs</li>
      <li><a href="metrics">metrics</a>: for Prometheus</li>
      </ul>
      </body>
      </html>
      """;

  private final String version;
  private final String grpc;

  /**
   * @param grpc the address of the gRPC port
   */
  StartPage(String version, String grpc) {
    this.version = version;
    this.grpc = grpc;
  }

  /** Handles a request for the page. */
  void handle(Request request, Response response, Callback callback) {
    if (!request.getMethod().equals("GET")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET");
      Texts.write(response, callback, 405, Texts.PLAIN, "Only GET is allowed.\n");
      return;
    }
    String accept = request.getHeaders().get(HttpHeader.ACCEPT);
    boolean isBrowser = accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
    response.getHeaders().put(HttpHeader.VARY, "Accept");
    Texts.write(
        response,
        callback,
        200,
        isBrowser ? Texts.HTML : Texts.PLAIN,
        (isBrowser ? HTML : TEXT).formatted(version, grpc));
  }
}
