package dev.milepost.server.http.transcode;

import com.google.rpc.Code;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/**
 * Passes the headers of an HTTP request on to its call: credentials, the request id, what proxies
 * have added. Those of HTTP itself and those that mean something to gRPC stay behind, so that no
 * client can set the latter.
 */
final class CallHeaders {
  /** Seconds, with decimals if need be, after which the call ends with DEADLINE_EXCEEDED. */
  static final String TIMEOUT = "request-timeout";

  private static final Pattern NAME = Pattern.compile("[a-z0-9_.-]+");

  /** Of this hop, or of the body and its form. */
  private static final Set<String> OWN =
      Set.of(
          "accept",
          "accept-charset",
          "accept-encoding",
          "accept-language",
          "cache-control",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "cookie",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "last-event-id",
          "origin",
          "pragma",
          "referer",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          TIMEOUT);

  private CallHeaders() {}

  /** Returns the headers of the call. */
  static Metadata of(HttpFields fields) {
    Metadata headers = new Metadata();
    for (HttpField field : fields) {
      String name = field.getName().toLowerCase(Locale.ROOT);
      String value = field.getValue();
      boolean isPassed =
          value != null
              && NAME.matcher(name).matches()
              && !OWN.contains(name)
              && !name.startsWith("grpc-")
              && !name.startsWith("sec-")
              && !name.endsWith(Metadata.BINARY_HEADER_SUFFIX);
      if (isPassed) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
      }
    }
    return headers;
  }

  /**
   * Returns the options of the call, with its deadline.
   *
   * @throws ApiException if the header with the timeout is malformed
   */
  static CallOptions options(HttpFields fields) {
    String timeout = fields.get(TIMEOUT);
    if (timeout == null) {
      return CallOptions.DEFAULT;
    }
    if (!timeout.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
      throw ApiException.of(
          400,
          Code.INVALID_ARGUMENT,
          "The header Request-Timeout must be a number of seconds, such as 30 or 0.5.");
    }
    long nanos = new BigDecimal(timeout).movePointRight(9).longValue();
    return CallOptions.DEFAULT.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
  }
}
