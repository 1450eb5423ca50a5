package dev.milepost.server.grpc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A client that calls for ever, and never reads what it is answered. */
final class ResponseIgnorer implements AutoCloseable {
  private static final int ROUNDS_TO_BE_STUCK = 20;
  private static final int CALLS = 1_000;

  private final SocketChannel socket;
  private long sent;
  private int roundsWithoutProgress;
  private int stream = 1;
  private ByteBuffer pending;

  ResponseIgnorer(int port) throws IOException {
    socket = SocketChannel.open();
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 4 * 1024);
    socket.connect(new InetSocketAddress("localhost", port));
    socket.configureBlocking(false);
    ByteBuffer opening = ByteBuffer.allocate(33);
    opening.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    opening.put(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    pending = opening.flip();
  }

  /** Calls without a credential: each is answered at once. */
  private ByteBuffer calls() {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < CALLS; i++) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      put(block, ":method", "POST");
      put(block, ":scheme", "http");
      put(block, ":path", "/milepost.v1.JobService/GetJob");
      put(block, "content-type", "application/grpc");
      put(block, "te", "trailers");
      ByteBuffer head = ByteBuffer.allocate(9);
      head.put((byte) 0).putShort((short) block.size()).put((byte) 1).put((byte) 5);
      head.putInt(stream);
      stream += 2;
      frames.writeBytes(head.array());
      frames.writeBytes(block.toByteArray());
    }
    return ByteBuffer.wrap(frames.toByteArray());
  }

  private static void put(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends what the server takes, and returns whether it has taken nothing for a while. */
  boolean isStuck() throws IOException {
    int taken = 0;
    for (int n = -1; n != 0 && taken < 1 << 20; taken += n) {
      if (!pending.hasRemaining()) {
        pending = calls();
      }
      n = socket.write(pending);
    }
    sent += taken;
    roundsWithoutProgress = taken > 0 ? 0 : roundsWithoutProgress + 1;
    return roundsWithoutProgress >= ROUNDS_TO_BE_STUCK;
  }

  long sentBytes() {
    return sent;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
