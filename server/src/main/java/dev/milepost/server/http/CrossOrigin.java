package dev.milepost.server.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What browsers must be told of requests by pages of an origin that the settings allow (CORS). */
final class CrossOrigin {
  private static final String METHODS = "GET, POST, PATCH, PUT, DELETE";
  private static final String HEADERS =
      "authorization, content-type, last-event-id, request-timeout, x-request-id,"
          + " x-milepost-user, x-milepost-tenant, x-milepost-roles";
  private static final String EXPOSED = "x-request-id, retry-after, www-authenticate";

  /** How long a browser may remember it, in seconds. */
  private static final long MAX_AGE = 600;

  private CrossOrigin() {}

  /**
   * Adds the headers. Returns whether that was all that was asked for: the request is a preflight,
   * and has its response.
   */
  static boolean allow(String origin, Request request, Response response, Callback callback) {
    HttpFields.Mutable headers = response.getHeaders();
    headers.put("Access-Control-Allow-Origin", origin);
    headers.put("Access-Control-Expose-Headers", EXPOSED);
    boolean isPreflight =
        HttpMethod.OPTIONS.is(request.getMethod())
            && request.getHeaders().contains("Access-Control-Request-Method");
    if (!isPreflight) {
      return false;
    }
    headers.put("Access-Control-Allow-Methods", METHODS);
    headers.put("Access-Control-Allow-Headers", HEADERS);
    headers.put("Access-Control-Max-Age", MAX_AGE);
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    response.setStatus(204);
    response.write(true, null, callback);
    return true;
  }
}
