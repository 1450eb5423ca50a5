package dev.milepost.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Finds out whether a server speaks TLS: servers that do close a connection without TLS, and do not
 * say why. Sends the first message of a handshake, and nothing else.
 */
final class TlsProbe {
  private static final int TIMEOUT_MILLIS = 1_000;

  /** The types of the records with which a server answers, and the version that both have. */
  private static final int HANDSHAKE = 0x16;

  private static final int ALERT = 0x15;
  private static final int VERSION = 0x03;

  private TlsProbe() {}

  /** Asks on a thread of its own, for about two seconds at most. */
  static CompletableFuture<Boolean> ask(ServerAddress server) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> answer.complete(speaksTls(server)), "milepost-probe-" + server);
    thread.setDaemon(true);
    thread.start();
    return answer;
  }

  private static boolean speaksTls(ServerAddress server) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.host(), server.port()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(hello());
      byte[] answer = socket.getInputStream().readNBytes(2);
      return answer.length == 2
          && (answer[0] == HANDSHAKE || answer[0] == ALERT)
          && answer[1] == VERSION;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  private static byte[] hello() throws IOException, GeneralSecurityException {
    SSLEngine tls = SSLContext.getDefault().createSSLEngine();
    tls.setUseClientMode(true);
    tls.beginHandshake();
    ByteBuffer message = ByteBuffer.allocate(tls.getSession().getPacketBufferSize());
    tls.wrap(ByteBuffer.allocate(0), message);
    byte[] bytes = new byte[message.flip().remaining()];
    message.get(bytes);
    return bytes;
  }
}
