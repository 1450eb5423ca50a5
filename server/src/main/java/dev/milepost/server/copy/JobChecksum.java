package dev.milepost.server.copy;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A SHA-256 checksum of a job with its journal and items, computed part by part: equal for two
 * stores with the same content, whatever the parts. Used once, by one thread.
 */
final class JobChecksum {
  private final MessageDigest digest;
  private final CodedOutputStream out;

  /** The checksum of a job, to which its parts are to be added. */
  JobChecksum(JobRecord record) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    out =
        CodedOutputStream.newInstance(
            new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    // Maps are not ordered.
    out.useDeterministicSerialization();
    write(1, record);
  }

  /** Adds the next part. */
  void add(JobPart part) {
    for (JournalEntry entry : part.entries()) {
      write(2, entry);
    }
    for (Item item : part.items()) {
      write(3, item);
    }
  }

  private void write(int field, MessageLite message) {
    try {
      out.writeMessage(field, message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the checksum of everything that was added. */
  byte[] value() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digest.digest();
  }
}
