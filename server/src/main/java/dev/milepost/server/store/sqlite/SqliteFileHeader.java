package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the first bytes of a file before SQLite opens it: a file of another application must stay
 * untouched.
 */
final class SqliteFileHeader {
  private static final int LENGTH = 100;
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  private SqliteFileHeader() {}

  /**
   * Checks that a file is one of our databases, is empty, or does not exist.
   *
   * @throws StoreException otherwise
   */
  static void requireUsable(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    if (Files.isDirectory(file)) {
      throw refusal(file, "is a directory. Use a file");
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file) || !Files.isWritable(file)) {
      throw refusal(
          file, "cannot be read and written. Change its permissions, or use another file");
    }
    byte[] header = header(file);
    if (header.length > 0) {
      check(file, header);
    }
  }

  /**
   * Checks that a file is one of our databases, which is only read.
   *
   * @throws StoreException otherwise
   */
  static void requireReadable(Path file) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw refusal(file, "is not a file that can be read. Use another file");
    }
    check(file, header(file));
  }

  private static byte[] header(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      return bytes.readNBytes(LENGTH);
    } catch (IOException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED, file + " cannot be read. Check its disk, or use another file.", e);
    }
  }

  private static void check(Path file, byte[] bytes) {
    if (bytes.length < LENGTH || !Arrays.equals(bytes, 0, 16, MAGIC, 0, 16)) {
      throw refusal(file, "is not an SQLite database. Use another file");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    long size = size(file);
    if (header.getInt(68) != SqliteSchema.APPLICATION_ID) {
      throw refusal(file, "is a database of another application. Use another file");
    }
    if (header.getInt(60) > SqliteSchema.VERSION) {
      throw SqliteSchema.newer(file, header.getInt(60));
    }
    int pageSize = header.getShort(16) == 1 ? 65_536 : header.getShort(16) & 0xffff;
    boolean sound =
        pageSize >= 512
            && Integer.bitCount(pageSize) == 1
            && header.get(18) <= 2
            && header.get(19) <= 2
            && header.get(21) == 64
            && header.get(22) == 32
            && header.get(23) == 32
            && size >= pageSize;
    if (!sound) {
      throw refusal(file, "is damaged. Restore it from a backup");
    }
    // While there is a log beside it, the file may be behind its own header.
    boolean settled = size(file.resolveSibling(file.getFileName() + "-wal")) == 0;
    boolean knowsItsSize = header.getInt(24) == header.getInt(92);
    if (settled && knowsItsSize && size < (header.getInt(28) & 0xffffffffL) * pageSize) {
      throw refusal(file, "is truncated. Restore it from a backup");
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static StoreException refusal(Path file, String why) {
    return new StoreException(Outcome.NOT_APPLIED, file + " " + why + ".");
  }
}
