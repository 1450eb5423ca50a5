package dev.milepost.server.store.sql;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
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

  private JournalTail(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Encodes a chunk. */
  public static JournalTail of(JournalChunk chunk) {
    return new JournalTail(chunk.toByteArray());
  }

  /** A tail from its stored bytes; keeps the array. */
  public static JournalTail stored(byte[] bytes) {
    return new JournalTail(bytes);
  }

  /** Returns a tail with more entries at its end. */
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
    return new JournalTail(both);
  }

  /** Size in bytes. */
  public int size() {
    return bytes.length;
  }

  /** The bytes to store; must not be modified. */
  public byte[] bytes() {
    return bytes;
  }

  /** Decodes the entries; empty if the stored bytes are damaged. */
  public Optional<JournalChunk> chunk() {
    try {
      return Optional.of(JournalChunk.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
