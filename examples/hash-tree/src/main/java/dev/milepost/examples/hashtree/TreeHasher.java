package dev.milepost.examples.hashtree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.LongConsumer;

/** Hashes files one after the other. Not thread-safe. */
final class TreeHasher {
  /** Small enough that even a slow disk fills it well within a second, so that a cancel is fast. */
  private static final int BUFFER_BYTES = 128 * 1024;

  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private final MessageDigest digest = sha256();

  /**
   * Reads a file to its end.
   *
   * @param stop called before every buffer
   * @param read receives the number of bytes of each buffer
   * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted
   */
  FileHash hash(Path file, StopCheck stop, LongConsumer read) throws IOException {
    digest.reset();
    long size = 0;
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      while (true) {
        stop.check();
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
          return new FileHash(HexFormat.of().formatHex(digest.digest()), size);
        }
        digest.update(buffer.flip());
        size += count;
        read.accept(count);
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
