package dev.milepost.server.http;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites out, whatever the method and the path, before anything else sees a
 * request. A page that makes its own host name point to this machine is refused by the Host header,
 * and one that calls from its own origin by the Origin header. Also sets the security headers of
 * all responses.
 */
final class SiteGuard extends Handler.Wrapper {
  static final String UNENCRYPTED =
      """
      Credentials would be sent unencrypted, so calls are not served here; /metrics and /health are.
      Call by https, set milepost.tls.certificate and milepost.tls.key on the server, or
      milepost.tls.terminated-upstream = true if a proxy in front of it terminates TLS.
      """;

  private static final String PATH = SiteGuard.class.getName() + ".path";
  private static final String CREDENTIALS = SiteGuard.class.getName() + ".credentials";
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private final HttpOptions options;

  SiteGuard(HttpOptions options, Handler inner) {
    super(inner);
    this.options = options;
  }

  /** Returns the path of a request that has passed, percent-encoded, without the base path. */
  static String path(Request request) {
    return String.valueOf(request.getAttribute(PATH));
  }

  /** Returns whether nobody else can read the credentials of a request that has passed. */
  static boolean mayCarryCredentials(Request request) {
    return Boolean.TRUE.equals(request.getAttribute(CREDENTIALS));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    HttpFields.Mutable headers = response.getHeaders();
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    String full = request.getHttpURI().getPath();
    String path = full == null ? null : withoutBase(full);
    if (path == null) {
      Texts.write(
          response,
          callback,
          404,
          Texts.PLAIN,
          "Not found. All paths begin with %s (milepost.http.base-path).%n"
              .formatted(options.basePath()));
      return true;
    }
    boolean isLocal = isLocal(request.getConnectionMetaData());
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (host == null && request.getHttpURI().getHost() != null) {
      host = request.getHttpURI().getAuthority();
    }
    boolean mayHaveAnyName = OperatorPages.has(path) && !isLocal;
    if (host != null && !mayHaveAnyName && !isOwn(host)) {
      Texts.write(
          response,
          callback,
          421,
          Texts.PLAIN,
          "This server is not %s, as far as it knows. Add the name to milepost.http.allowed-hosts.%n"
              .formatted(host.replaceAll("[^A-Za-z0-9.:\\[\\]-]", "?")));
      return true;
    }
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null && !isSame(origin, host)) {
      headers.add(HttpHeader.VARY, "Origin");
      if (!options.allowedOrigins().contains(origin.toLowerCase(Locale.ROOT))) {
        Texts.write(
            response,
            callback,
            403,
            Texts.PLAIN,
            "Pages of another site may not call this server. Add their origin to"
                + " milepost.http.allowed-origins.\n");
        return true;
      }
      if (CrossOrigin.allow(origin, request, response, callback)) {
        return true;
      }
    }
    request.setAttribute(PATH, path);
    boolean isPrivate = options.tls().isEmpty() && (isLocal || options.isProxied());
    request.setAttribute(CREDENTIALS, isPrivate || request.getConnectionMetaData().isSecure());
    return super.handle(request, response, callback);
  }

  private @Nullable String withoutBase(String path) {
    String base = options.basePath();
    if (base.isEmpty() || path.equals(base)) {
      return base.isEmpty() ? path : "/";
    }
    return path.startsWith(base + "/") ? path.substring(base.length()) : null;
  }

  private boolean isOwn(String authority) {
    String host = authority.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return host.equals("localhost")
        || host.startsWith("[")
        || IPV4.matcher(host).matches()
        || options.isAllowedHost(host);
  }

  /** The scheme may differ, since a proxy may terminate TLS. */
  private static boolean isSame(String origin, @Nullable String host) {
    int authority = origin.indexOf("://");
    return host != null && authority > 0 && origin.substring(authority + 3).equalsIgnoreCase(host);
  }

  private static boolean isLocal(ConnectionMetaData connection) {
    return connection.getLocalSocketAddress() instanceof InetSocketAddress own
        && own.getAddress() != null
        && own.getAddress().isLoopbackAddress();
  }
}
