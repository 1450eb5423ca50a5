package dev.milepost.server.http;

import java.util.List;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** The protocols of a port: HTTP/1.1 and HTTP/2, plain and over TLS. */
final class Protocols {
  private static final int WINDOW = 256 * 1024;
  private static final int RESPONSE_HEADER_BYTES = 8 * 1024;

  private Protocols() {}

  /** Sets the protocols of a connector that has not started. */
  static void set(ServerConnector connector, HttpOptions options) {
    HttpConfiguration http = configuration(options);
    HttpConnectionFactory one = new HttpConnectionFactory(http);
    HTTP2CServerConnectionFactory two = bounded(new HTTP2CServerConnectionFactory(http), options);
    if (options.tls().isEmpty()) {
      connector.setConnectionFactories(List.of(one, two));
      connector.setDefaultProtocol(one.getProtocol());
      return;
    }
    HTTP2ServerConnectionFactory secureTwo =
        bounded(new HTTP2ServerConnectionFactory(http), options);
    ALPNServerConnectionFactory alpn =
        new ALPNServerConnectionFactory(secureTwo.getProtocol(), one.getProtocol());
    alpn.setDefaultProtocol(HttpVersion.HTTP_1_1.asString());
    SslConnectionFactory tls =
        new SslConnectionFactory(context(options.tls().get()), alpn.getProtocol());
    ConnectionFactory detector = new DetectorConnectionFactory(tls);
    connector.setConnectionFactories(List.of(detector, one, two, tls, alpn, secureTwo));
    connector.setDefaultProtocol(detector.getProtocol());
  }

  private static HttpConfiguration configuration(HttpOptions options) {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(options.maxHeaderBytes());
    http.setResponseHeaderSize(RESPONSE_HEADER_BYTES);
    return http;
  }

  private static <F extends AbstractHTTP2ServerConnectionFactory> F bounded(
      F factory, HttpOptions options) {
    factory.setMaxConcurrentStreams(options.maxStreams());
    factory.setInitialStreamRecvWindow(WINDOW);
    factory.setInitialSessionRecvWindow(2 * WINDOW);
    factory.setStreamIdleTimeout(options.idle().toMillis());
    return factory;
  }

  private static SslContextFactory.Server context(HttpOptions.Tls tls) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(tls.context());
    factory.setWantClientAuth(tls.clients() == HttpOptions.ClientCertificate.OPTIONAL);
    factory.setNeedClientAuth(tls.clients() == HttpOptions.ClientCertificate.REQUIRED);
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    factory.setRenegotiationAllowed(false);
    return factory;
  }
}
