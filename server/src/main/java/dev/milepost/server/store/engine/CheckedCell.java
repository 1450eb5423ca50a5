package dev.milepost.server.store.engine;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.milepost.server.job.JobKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A place in a store whose value has a checksum: the value's bytes are followed by 4 bytes with the
 * CRC-32C of these bytes and of the place. So a value that was damaged is found when it is read,
 * and so is one that is sound but belongs elsewhere. Every stored value has a checksum: one that
 * has none is damaged. Immutable.
 */
public final class CheckedCell {
  /** Size in bytes of a checksum. */
  public static final int CHECKSUM_BYTES = 4;

  private static final byte SEPARATOR = (byte) 0xff;

  /** Checksum of the place. */
  private final byte[] place;

  private CheckedCell(String column, Object... key) {
    CRC32C crc = new CRC32C();
    add(crc, column);
    for (Object part : key) {
      add(crc, part);
    }
    this.place = ByteBuffer.allocate(CHECKSUM_BYTES).putInt((int) crc.getValue()).array();
  }

  /** Adds a part of a key. No text contains the separator: it is no byte of UTF-8. */
  private static void add(CRC32C crc, Object part) {
    byte[] bytes;
    if (part instanceof Long number) {
      bytes = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    } else if (part instanceof byte[] digest) {
      bytes = digest;
    } else {
      bytes = ((String) part).getBytes(StandardCharsets.UTF_8);
    }
    crc.update(bytes);
    crc.update(SEPARATOR);
  }

  /**
   * A place that only one engine has.
   *
   * @param column what kind of value it is
   * @param key what identifies the place among those of its kind: texts, longs or bytes
   */
  public static CheckedCell of(String column, Object... key) {
    return new CheckedCell(column, key);
  }

  /** The record of a job, without its spec. */
  public static CheckedCell record(JobKey key) {
    return new CheckedCell("record", key.tenantId(), key.jobId());
  }

  /** The spec of a job. */
  public static CheckedCell spec(JobKey key) {
    return new CheckedCell("spec", key.tenantId(), key.jobId());
  }

  /** The end of a job's journal. */
  public static CheckedCell tail(JobKey key) {
    return new CheckedCell("tail", key.tenantId(), key.jobId());
  }

  /** The previous record of a job that was changed. */
  public static CheckedCell before(JobKey key) {
    return new CheckedCell("before", key.tenantId(), key.jobId());
  }

  /**
   * A sealed run of journal entries.
   *
   * @param job number of the job
   * @param lastSequence sequence of the last entry in the run
   */
  public static CheckedCell run(long job, long lastSequence) {
    return new CheckedCell("run", job, lastSequence);
  }

  /**
   * An item.
   *
   * @param job number of the job
   */
  public static CheckedCell item(long job, String id) {
    return new CheckedCell("item", job, id);
  }

  /**
   * An idempotent request.
   *
   * @param digest digest of the request's key
   * @param expireMicros when it is forgotten, in microseconds since the epoch
   */
  public static CheckedCell request(byte[] digest, long expireMicros) {
    return new CheckedCell("request", digest, expireMicros);
  }

  /**
   * What a server keeps beside the jobs.
   *
   * @param kind stored name of its kind
   * @param key identifies it within its kind
   * @param expireMicros when it is forgotten, in microseconds since the epoch
   */
  public static CheckedCell serverRecord(String kind, String key, long expireMicros) {
    return new CheckedCell("server_record", kind, key, expireMicros);
  }

  /** Encodes a message with its checksum. */
  public byte[] encode(MessageLite message) {
    int size = message.getSerializedSize();
    byte[] value = new byte[size + CHECKSUM_BYTES];
    CodedOutputStream out = CodedOutputStream.newInstance(value, 0, size);
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new AssertionError("An array of the exact length cannot overflow.", e);
    }
    return withChecksum(value);
  }

  /** Adds the checksum to the bytes of a message, which are copied. */
  public byte[] encode(byte[] bytes) {
    return withChecksum(Arrays.copyOf(bytes, bytes.length + CHECKSUM_BYTES));
  }

  private byte[] withChecksum(byte[] value) {
    int size = value.length - CHECKSUM_BYTES;
    ByteBuffer.wrap(value).putInt(size, checksum(value, size));
    return value;
  }

  private int checksum(byte[] value, int size) {
    CRC32C crc = new CRC32C();
    crc.update(value, 0, size);
    crc.update(place);
    return (int) crc.getValue();
  }

  /** Whether a stored value is that of this place, and is not damaged. */
  public boolean isSound(byte @Nullable [] value) {
    if (value == null || value.length < CHECKSUM_BYTES) {
      return false;
    }
    int size = value.length - CHECKSUM_BYTES;
    return ByteBuffer.wrap(value).getInt(size) == checksum(value, size);
  }

  /** Returns a stored value without its checksum; null if it is damaged or is not there. */
  public byte @Nullable [] bytes(byte @Nullable [] value) {
    return value != null && isSound(value)
        ? Arrays.copyOf(value, value.length - CHECKSUM_BYTES)
        : null;
  }

  /** Parses a stored value; null if it is damaged, is not there, or is no such message. */
  public <M extends MessageLite> @Nullable M parse(byte @Nullable [] value, Parser<M> parser) {
    if (value == null || !isSound(value)) {
      return null;
    }
    try {
      return parser.parseFrom(value, 0, value.length - CHECKSUM_BYTES);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
