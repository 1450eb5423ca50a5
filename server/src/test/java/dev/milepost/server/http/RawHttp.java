package dev.milepost.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Sends requests that Java's client would not send. */
public final class RawHttp {
  private RawHttp() {}

  /** Sends bytes and returns all that the server sends until it closes the connection. */
  public static String send(int port, String request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Sends a request of HTTP/1.1.
   *
   * @param line such as {@code GET /health}
   * @param headers each {@code Name: value}
   */
  public static String request(int port, String line, String... headers) {
    String all = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return send(port, line + " HTTP/1.1\r\n" + all + "Connection: close\r\n\r\n");
  }
}
