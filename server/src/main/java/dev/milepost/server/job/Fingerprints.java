package dev.milepost.server.job;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Hashes requests, so that repetitions can be recognized without storing their content. */
public final class Fingerprints {
  private Fingerprints() {}

  /** Hashes the command that ends an attempt. */
  static ByteString of(JobCommand.OfAttempt command) {
    if (command instanceof JobCommand.Complete complete) {
      return sha256(complete.report(), complete.result());
    }
    if (command instanceof JobCommand.Fail fail) {
      return sha256(fail.report(), fail.error());
    }
    if (command instanceof JobCommand.Release release) {
      return sha256(
          release.report(), Report.newBuilder().putOutcomeValues(release.reason(), 0).build());
    }
    return sha256(command.report());
  }

  /**
   * Hashes each field of a request that is set, except request_id.
   *
   * @return the hashes by field name, sorted by name
   */
  public static Map<String, ByteString> ofFields(Message request) {
    Map<String, ByteString> fingerprints = new TreeMap<>();
    for (FieldDescriptor field : request.getAllFields().keySet()) {
      if (!field.getName().equals("request_id")) {
        Message only =
            request.newBuilderForType().setField(field, request.getField(field)).buildPartial();
        fingerprints.put(field.getName(), sha256(only));
      }
    }
    return fingerprints;
  }

  /** Extends the hash of a sequence of messages by one. Empty: it is the first. */
  public static ByteString chained(ByteString before, Message next) {
    return sha256(before, next);
  }

  /** Returns what to keep of a request besides the hashes of its fields, to name what differs. */
  public static List<Long> ofPaths(Message request) {
    return RequestPaths.hashes(request);
  }

  /**
   * Compares a request with the first one that had its request_id.
   *
   * @param fields hashes of its fields
   * @param request the request itself
   * @throws Refusal.RequestIdReused if their fields differ; names the paths
   */
  public static void requireSame(
      RequestRecord first, Map<String, ByteString> fields, Message request) {
    Map<String, ByteString> before = first.getFieldFingerprintsMap();
    if (before.equals(fields)) {
      return;
    }
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(fields.keySet());
    names.removeIf(name -> fields.containsKey(name) && fields.get(name).equals(before.get(name)));
    throw new Refusal.RequestIdReused(
        RequestPaths.differing(first.getPathHashesList(), request, names));
  }

  /** Serializes deterministically: maps are written in the order of their keys. */
  private static ByteString sha256(Message... messages) {
    return sha256(ByteString.EMPTY, messages);
  }

  private static ByteString sha256(ByteString before, Message... messages) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(before.toByteArray());
      for (Message message : messages) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        message.writeTo(out);
        out.checkNoSpaceLeft();
        digest.update((byte) 1);
        digest.update(bytes);
      }
      return ByteString.copyFrom(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK supports SHA-256", e);
    }
  }
}
