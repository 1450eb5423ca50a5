package dev.milepost.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures params, results and checkpoints before they are sent, and divides what is too large for
 * one of them. {@link JobLimits} has the limits.
 */
public final class Payloads {
  private Payloads() {}

  /**
   * Returns the size of a map as the server counts it.
   *
   * @throws IllegalArgumentException if a value cannot be encoded
   */
  public static int bytes(Map<String, ?> payload) {
    return Structs.strict(payload).getSerializedSize();
  }

  /**
   * Checks the size of a map, and returns it.
   *
   * @param what what it is, for the message of the exception: "params"
   * @throws IllegalArgumentException if it is larger than that, or a value cannot be encoded
   */
  public static <M extends Map<String, ?>> M check(String what, M payload, int maxBytes) {
    int bytes = bytes(payload);
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " are "
              + bytes
              + " bytes, but at most "
              + maxBytes
              + " are allowed: divide them, or store them elsewhere and send where they are");
    }
    return payload;
  }

  /**
   * Divides a list over as many maps as it takes for each of them to be small enough, in order: for
   * one job each.
   *
   * <pre>{@code
   * for (Map<String, List<String>> params : Payloads.chunks("paths", paths, MAX_PARAMS_BYTES)) {
   *   client.create(JobSpec.of("hash").params(params));
   * }
   * }</pre>
   *
   * @param key under which each map has its part of the list
   * @return maps with one entry each; none for an empty list
   * @throws IllegalArgumentException if one element alone is too large, or cannot be encoded
   */
  public static <T> List<Map<String, List<T>>> chunks(
      String key, Iterable<T> elements, int maxBytes) {
    List<Map<String, List<T>>> chunks = new ArrayList<>();
    List<T> current = new ArrayList<>();
    int listBytes = 0;
    for (T element : elements) {
      int bytes = elementBytes(key, element);
      if (mapBytes(key, bytes) > maxBytes) {
        throw new IllegalArgumentException(
            "an element of "
                + key
                + " alone takes "
                + mapBytes(key, bytes)
                + " bytes, but at most "
                + maxBytes
                + " are allowed");
      }
      if (mapBytes(key, listBytes + bytes) > maxBytes) {
        chunks.add(Map.of(key, List.copyOf(current)));
        current = new ArrayList<>();
        listBytes = 0;
      }
      current.add(element);
      listBytes += bytes;
    }
    if (!current.isEmpty()) {
      chunks.add(Map.of(key, List.copyOf(current)));
    }
    return chunks;
  }

  /** The bytes that an element adds to the list that holds it. */
  private static int elementBytes(String key, Object element) {
    Struct alone = Structs.strict(Map.of(key, List.of(element)));
    return alone.getFieldsOrThrow(key).getListValue().getSerializedSize();
  }

  /** The size of a map whose only entry is a list of that many bytes. */
  private static int mapBytes(String key, int listBytes) {
    int value = nested(Value.LIST_VALUE_FIELD_NUMBER, listBytes);
    int entry = CodedOutputStream.computeStringSize(1, key) + nested(2, value);
    return nested(Struct.FIELDS_FIELD_NUMBER, entry);
  }

  private static int nested(int field, int bytes) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(bytes)
        + bytes;
  }
}
