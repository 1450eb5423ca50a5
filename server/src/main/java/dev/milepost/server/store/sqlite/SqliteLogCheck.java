package dev.milepost.server.store.sqlite;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a write-ahead log as SQLite will. SQLite takes the first frame that does not fit for the
 * end of the log, and ignores what is behind it: if that frame is damaged, all later commits are
 * lost without a word.
 *
 * <p>Frames of an earlier use of the log may follow its end. They have other salts. A frame that
 * was cut off as its process was killed is the last one. So a frame that does not fit is damaged if
 * frames with the salts of this log follow it. The last frame is damaged, and not cut off, if a
 * single bit makes it fit.
 */
final class SqliteLogCheck {
  private static final int HEADER = 32;
  private static final int FRAME_HEADER = 24;
  private static final int MAGIC = 0x377f0682;
  private static final int MIN_PAGE = 512;
  private static final int MAX_PAGE = 65_536;
  private static final int BUFFER = 1 << 16;

  private final DataInputStream in;
  private final ByteOrder order;
  private final int salt1;
  private final int salt2;
  private final byte[] frame;
  private LogChecksum checksum;

  private SqliteLogCheck(DataInputStream in, ByteBuffer header, ByteOrder order) {
    this.in = in;
    this.order = order;
    this.salt1 = header.getInt(16);
    this.salt2 = header.getInt(20);
    this.frame = new byte[FRAME_HEADER + header.getInt(8)];
    this.checksum = new LogChecksum(header.getInt(24), header.getInt(28));
  }

  /** The log of a database. */
  static Path log(Path database) {
    return database.resolveSibling(database.getFileName() + "-wal");
  }

  /** Returns what is damaged in a log, as a sentence; empty if SQLite reads all of it. */
  static Optional<String> damage(Path log) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(log), BUFFER))) {
      ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER));
      if (header.limit() < HEADER) {
        return Optional.empty();
      }
      boolean isMagic = (header.getInt(0) & ~1) == MAGIC;
      ByteOrder order =
          (header.getInt(0) & 1) == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      LogChecksum own = new LogChecksum(0, 0).with(header.array(), 0, FRAME_HEADER, order);
      int page = header.getInt(8);
      boolean isSound =
          isMagic
              && own.equals(new LogChecksum(header.getInt(24), header.getInt(28)))
              && page >= MIN_PAGE
              && page <= MAX_PAGE
              && Integer.bitCount(page) == 1;
      if (!isSound) {
        return in.readNBytes(FRAME_HEADER + MIN_PAGE).length == FRAME_HEADER + MIN_PAGE
            ? Optional.of("its header is, so that SQLite would ignore all of it.")
            : Optional.empty();
      }
      return new SqliteLogCheck(in, header, order).frames();
    }
  }

  private Optional<String> frames() throws IOException {
    long number = 0;
    while (in.readNBytes(frame, 0, frame.length) == frame.length) {
      number++;
      ByteBuffer fields = ByteBuffer.wrap(frame);
      LogChecksum expected =
          checksum
              .with(frame, 0, 8, order)
              .with(frame, FRAME_HEADER, frame.length - FRAME_HEADER, order);
      LogChecksum stored = new LogChecksum(fields.getInt(16), fields.getInt(20));
      boolean isOurs = fields.getInt(8) == salt1 && fields.getInt(12) == salt2;
      if (!isOurs || !expected.equals(stored) || fields.getInt(0) == 0) {
        return afterMisfit(number, isOneBitOff(fields, expected, stored));
      }
      checksum = expected;
    }
    return Optional.empty();
  }

  /** Counts the frames of this log behind one that does not fit. */
  private Optional<String> afterMisfit(long misfit, boolean isOneBitOff) throws IOException {
    long frames = 0;
    long commits = 0;
    while (in.readNBytes(frame, 0, frame.length) == frame.length) {
      ByteBuffer fields = ByteBuffer.wrap(frame);
      if (fields.getInt(8) == salt1 && fields.getInt(12) == salt2) {
        frames++;
        commits += fields.getInt(4) == 0 ? 0 : 1;
      }
    }
    if (frames == 0 && !isOneBitOff) {
      return Optional.empty();
    }
    return Optional.of(
        "frame %d is. Behind it are %d frames with %d commits, which SQLite would ignore."
            .formatted(misfit, frames, commits));
  }

  /** Whether a frame would fit if a single bit of it were different. */
  private boolean isOneBitOff(ByteBuffer fields, LogChecksum expected, LogChecksum stored) {
    int inSalts =
        Integer.bitCount(fields.getInt(8) ^ salt1) + Integer.bitCount(fields.getInt(12) ^ salt2);
    if (inSalts > 1) {
      return false;
    }
    if (expected.equals(stored)) {
      return true;
    }
    if (inSalts == 1) {
      return false;
    }
    return expected.bitsOff(stored) == 1
        || checksum.isOneBitOff(frame, 8, FRAME_HEADER, order, stored);
  }
}
