package dev.milepost.server.grpc;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client that speaks HTTP/2 by hand, and so may do what no client library does. */
final class RawConnection implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int GOAWAY = 7;

  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private int lastStream = -1;

  /** A frame from the server. */
  record Frame(int type, int flags, int stream, ByteString payload) {
    boolean endsStream() {
      return type == RST_STREAM || ((type == HEADERS || type == DATA) && (flags & END_STREAM) != 0);
    }
  }

  private RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects. */
  static RawConnection to(int port) {
    return withWindow(port, 65_535);
  }

  /**
   * Connects.
   *
   * @param window how many bytes of each response the server may send before the client asks for
   *     more, which it never does
   */
  static RawConnection withWindow(int port, int window) {
    try {
      Socket socket = new Socket("localhost", port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      RawConnection connection = new RawConnection(socket);
      connection.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      ByteBuffer settings = ByteBuffer.allocate(6);
      settings.putShort((short) INITIAL_WINDOW_SIZE).putInt(window);
      connection.send(SETTINGS, 0, 0, settings.array());
      return connection;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins a call of user ann, and returns its stream. */
  int call(String method) {
    return call(method, Map.of("x-milepost-user", "ann"));
  }

  /** Begins a call, and returns its stream. */
  int call(String method, Map<String, String> headers) {
    lastStream += 2;
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    put(block, ":method", "POST");
    put(block, ":scheme", "http");
    put(block, ":path", "/" + method);
    put(block, ":authority", "localhost");
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

  /** Sends the head of a message of gRPC. */
  void head(int stream, boolean compressed, int size) {
    ByteBuffer head = ByteBuffer.allocate(5).put((byte) (compressed ? 1 : 0)).putInt(size);
    send(DATA, 0, stream, head.array());
  }

  /** Sends bytes of a message. */
  void data(int stream, byte[] bytes) {
    send(DATA, 0, stream, bytes);
  }

  /** Ends a stream with the last bytes of its message. */
  void lastData(int stream, byte[] bytes) {
    send(DATA, END_STREAM, stream, bytes);
  }

  /** Sends a whole request, and ends the stream. */
  void request(int stream, byte[] message) {
    head(stream, false, message.length);
    lastData(stream, message);
  }

  private void send(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
    frame.putInt(stream).put(payload);
    try {
      out.write(frame.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the next frame. */
  Frame next() {
    try {
      int length = (in.readUnsignedByte() << 16) + in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      return new Frame(type, flags, stream, ByteString.copyFrom(in.readNBytes(length)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until the server ends a stream, and returns how: the status code and message of gRPC, or
   * {@code reset}.
   */
  String awaitEnd(int stream) {
    try {
      while (true) {
        Frame frame = next();
        if (frame.type() == HEADERS) {
          Http2Headers headers =
              decoder.decodeHeaders(
                  frame.stream(), Unpooled.wrappedBuffer(frame.payload().asReadOnlyByteBuffer()));
          if (frame.stream() == stream && frame.endsStream()) {
            return headers.get("grpc-status") + " " + headers.get("grpc-message");
          }
        } else if (frame.stream() == stream && frame.endsStream()) {
          return "reset";
        }
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until the server resets a stream. */
  void awaitReset(int stream) {
    Frame frame = next();
    while (frame.type() != RST_STREAM || frame.stream() != stream) {
      frame = next();
    }
  }

  /** Waits until the server closes the connection. */
  void awaitClosed() {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (java.net.SocketTimeoutException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      // Reset: it is closed, too.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
