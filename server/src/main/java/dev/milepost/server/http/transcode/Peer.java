package dev.milepost.server.http.transcode;

import java.net.SocketAddress;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection, as the connection itself proves it.
 *
 * @param address where it calls from
 * @param tls the session of a connection with TLS, with the certificate of the client if it sent
 *     one; null: no TLS
 */
public record Peer(SocketAddress address, @Nullable SSLSession tls) {
  static Peer of(ConnectionMetaData connection) {
    EndPoint end = connection.getConnection().getEndPoint();
    EndPoint.SslSessionData session = end.getSslSessionData();
    return new Peer(
        connection.getRemoteSocketAddress(), session == null ? null : session.sslSession());
  }
}
