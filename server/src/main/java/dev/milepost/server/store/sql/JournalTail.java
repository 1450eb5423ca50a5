package dev.milepost.server.store.sql;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The end of a journal, which lies in the job's row: the bytes of a {@link JournalChunk}. Every
 * report writes it again but seldom reads it, so entries are encoded once, as they come: messages
 * of protobuf that stand one after the other are read as one, with the elements of both. Immutable.
 */
public final class JournalTail {
  private final byte[] bytes;

  private JournalTail(byte[] bytes) {
    this.bytes = bytes;
  }

  public static JournalTail of(JournalChunk chunk) {
    return new JournalTail(chunk.toByteArray());
  }

  /** A tail as it was stored; keeps the array. */
  public static JournalTail stored(byte[] bytes) {
    return new JournalTail(bytes);
  }

  /** The same with more entries at its end. */
  public JournalTail with(List<JournalEntry> entries) {
    JournalChunk more = JournalChunk.newBuilder().addAllEntries(entries).build();
    byte[] both = Arrays.copyOf(bytes, bytes.length + more.getSerializedSize());
    CodedOutputStream end =
        CodedOutputStream.newInstance(both, bytes.length, more.getSerializedSize());
    try {
      more.writeTo(end);
      end.flush();
    } catch (IOException e) {
      throw new AssertionError("an array of the right length has room", e);
    }
    return new JournalTail(both);
  }

  public int size() {
    return bytes.length;
  }

  /** What is stored; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * The entries.
   *
   * @throws dev.milepost.server.store.StoreException where what was stored is damaged
   */
  public JournalChunk chunk() {
    try {
      return JournalChunk.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw Rows.damaged("a journal", e);
    }
  }
}
