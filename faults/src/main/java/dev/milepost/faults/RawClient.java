package dev.milepost.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client that speaks HTTP/2 by hand and never reads a response. */
final class RawClient implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  private final Socket socket = new Socket();
  private OutputStream out = OutputStream.nullOutputStream();
  private int lastStream = -1;

  /** Connects, and sends the preface of HTTP/2. The server may send no message of a response. */
  void connect(int port) throws IOException {
    // The kernel takes little of what the server sends.
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MILLIS);
    out = socket.getOutputStream();
    bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    send(SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).array());
  }

  /** Begins a call, and returns its stream. */
  int call(String method, Map<String, String> headers) throws IOException {
    lastStream += 2;
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    put(block, ":method", "POST");
    put(block, ":scheme", "http");
    put(block, ":path", "/" + method);
    put(block, "te", "trailers");
    put(block, "content-type", "application/grpc");
    headers.forEach((name, value) -> put(block, name, value));
    send(HEADERS, END_HEADERS, lastStream, block.toByteArray());
    return lastStream;
  }

  /** A literal header field without indexing. */
  private static void put(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends the head of a message, which says how many bytes follow. */
  void head(int stream, int size) throws IOException {
    send(DATA, 0, stream, ByteBuffer.allocate(5).put((byte) 0).putInt(size).array());
  }

  /** Sends bytes of a message. */
  void data(int stream, byte[] payload) throws IOException {
    send(DATA, 0, stream, payload);
  }

  /** Sends a whole message. */
  void message(int stream, byte[] message, boolean last) throws IOException {
    head(stream, message.length);
    send(DATA, last ? END_STREAM : 0, stream, message);
  }

  private void send(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
    bytes(frame.putInt(stream).put(payload).array());
  }

  /** Sends bytes that need not be a frame. */
  void bytes(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Ends a send that waits, too. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone, which is what is wanted.
    }
  }
}
