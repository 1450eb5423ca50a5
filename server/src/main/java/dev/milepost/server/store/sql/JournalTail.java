package dev.milepost.server.store.sql;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The end of a journal, kept in the job's row as the bytes of a {@link JournalChunk}. Every report
 * rewrites it but rarely reads it, so each entry is encoded once, on arrival: concatenated protobuf
 * messages parse as one message with the elements of both. Immutable.
 */
public final class JournalTail {
  private final byte[] bytes;
  private final boolean isDamaged;

  private JournalTail(byte[] bytes, boolean isDamaged) {
    this.bytes = bytes;
    this.isDamaged = isDamaged;
  }

  /** Encodes a chunk. */
  public static JournalTail of(JournalChunk chunk) {
    return new JournalTail(chunk.toByteArray(), false);
  }

  /** The tail of a job from its stored value, which may be damaged. */
  public static JournalTail stored(JobKey key, byte[] value) {
    byte[] bytes = CheckedCell.tail(key).bytes(value);
    return bytes == null ? new JournalTail(value, true) : new JournalTail(bytes, false);
  }

  /** Returns a tail with more entries at its end; a damaged one remains damaged. */
  public JournalTail with(List<JournalEntry> entries) {
    JournalChunk more = JournalChunk.newBuilder().addAllEntries(entries).build();
    byte[] both = Arrays.copyOf(bytes, bytes.length + more.getSerializedSize());
    CodedOutputStream end =
        CodedOutputStream.newInstance(both, bytes.length, more.getSerializedSize());
    try {
      more.writeTo(end);
      end.flush();
    } catch (IOException e) {
      throw new AssertionError("An array of the exact length cannot overflow.", e);
    }
    return new JournalTail(both, isDamaged);
  }

  /** Size in bytes, without the checksum. */
  public int size() {
    return bytes.length;
  }

  /**
   * The value to store for a job. That of a damaged tail has a wrong checksum, so that what is lost
   * does not pass for sound.
   */
  byte[] value(JobKey key) {
    byte[] value = CheckedCell.tail(key).encode(bytes);
    if (isDamaged) {
      value[value.length - 1] ^= 1;
    }
    return value;
  }

  /** Decodes the entries; empty if the stored bytes are damaged. */
  public Optional<JournalChunk> chunk() {
    if (isDamaged) {
      return Optional.empty();
    }
    try {
      return Optional.of(JournalChunk.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
