package dev.milepost.server.job;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Names the parts in which two requests differ by their paths, such as {@code spec.priority} or
 * {@code items[3].id}, without keeping what the first request contained: of each part only short
 * hashes of its path and its content are kept. They find names; whether two requests are the same,
 * {@link Fingerprints} decide.
 */
final class RequestPaths {
  /** Parts whose hashes are kept, of 8 bytes each. Those nearest to the request come first. */
  static final int MAX_KEPT = 256;

  /** Maximum number of paths that are named. */
  static final int MAX_NAMED = 10;

  /** Levels below a field of the request. */
  private static final int MAX_DEPTH = 6;

  private static final int MAX_PATH_CHARS = 200;

  private RequestPaths() {}

  /**
   * A part of a request.
   *
   * @param value a message, a {@code List} of values, or a single value
   */
  private record Part(String path, Object value, int depth) {
    int pathHash() {
      return crc(path.getBytes(StandardCharsets.UTF_8));
    }

    /** The hash under which the number of parts within this one is kept. */
    int innerHash() {
      return crc((path + '/').getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Returns what to keep of a request: the hash of a path and that of its content in each value.
   */
  static List<Long> hashes(Message request) {
    List<Long> kept = new ArrayList<>();
    ArrayDeque<Part> next = new ArrayDeque<>(parts(new Part("", request, 0)));
    for (Part part = next.poll(); part != null; part = next.poll()) {
      boolean isTooLong = part.value instanceof List<?> list && list.size() >= MAX_KEPT;
      List<Part> inner = isTooLong ? List.of() : parts(part);
      // All parts of one or none, so that one that is not kept is known to be new.
      if (!inner.isEmpty() && kept.size() + inner.size() < MAX_KEPT) {
        kept.add(entry(part.innerHash(), inner.size()));
        inner.forEach(one -> kept.add(entry(one.pathHash(), hash(one.value))));
        next.addAll(inner);
      }
    }
    return kept;
  }

  private static long entry(int key, int value) {
    return ((long) key << 32) | (value & 0xffff_ffffL);
  }

  /**
   * Returns the paths in which a request differs from an earlier one, in the order of its fields,
   * at most {@link #MAX_NAMED}.
   *
   * @param hashes of the earlier request; empty if it kept none
   * @param names the fields of the two requests that differ
   */
  static List<String> differing(List<Long> hashes, Message request, Iterable<String> names) {
    Map<Integer, Integer> before = new HashMap<>();
    hashes.forEach(one -> before.put((int) (one >> 32), (int) one.longValue()));
    Map<String, Part> fields = new HashMap<>();
    parts(new Part("", request, 0)).forEach(field -> fields.put(field.path, field));
    List<String> paths = new ArrayList<>();
    for (String name : names) {
      Part field = fields.get(name);
      if (field == null) {
        name(paths, name);
      } else {
        compare(paths, field, before);
      }
    }
    return paths;
  }

  private static void compare(List<String> paths, Part part, Map<Integer, Integer> before) {
    Integer count = before.get(part.innerHash());
    List<Part> inner = count == null ? List.of() : parts(part);
    if (count == null || inner.isEmpty()) {
      name(paths, part.path);
      return;
    }
    int named = paths.size();
    int common = 0;
    for (Part one : inner) {
      Integer hash = before.get(one.pathHash());
      common += hash == null ? 0 : 1;
      if (hash == null) {
        name(paths, one.path);
      } else if (hash != hash(one.value)) {
        compare(paths, one, before);
      }
    }
    boolean hasNamelessLoss = common < count && !nameRemoved(paths, part, inner.size(), before);
    if (hasNamelessLoss || paths.size() == named) {
      name(paths, part.path);
    }
  }

  /** Names parts that only the earlier request had; returns false if their names are not known. */
  private static boolean nameRemoved(
      List<String> paths, Part part, int size, Map<Integer, Integer> before) {
    boolean found = false;
    if (part.value instanceof Message message && !isStruct(message)) {
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        Part removed = new Part(path(part, field.getName()), "", 0);
        if (message.getAllFields().get(field) == null && before.containsKey(removed.pathHash())) {
          name(paths, removed.path);
          found = true;
        }
      }
    } else if (part.value instanceof List) {
      Part removed = new Part(part.path + '[' + size + ']', "", 0);
      if (before.containsKey(removed.pathHash())) {
        name(paths, removed.path);
        found = true;
      }
    }
    return found;
  }

  private static void name(List<String> paths, String path) {
    if (paths.size() < MAX_NAMED && !paths.contains(path)) {
      paths.add(Texts.cut(path, MAX_PATH_CHARS));
    }
  }

  /** Returns the parts within one; empty if it has none, or lies too deep. */
  private static List<Part> parts(Part of) {
    List<Part> parts = new ArrayList<>();
    if (of.depth > MAX_DEPTH) {
      return parts;
    }
    Object value = unwrapped(of.value);
    if (value instanceof Struct struct) {
      struct
          .getFieldsMap()
          .forEach((key, inner) -> parts.add(new Part(path(of, key), inner, of.depth + 1)));
    } else if (value instanceof Message message) {
      message
          .getAllFields()
          .forEach(
              (field, inner) -> {
                if (!field.getName().equals("request_id")) {
                  parts.add(new Part(path(of, field.getName()), inner, of.depth + 1));
                }
              });
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        Object inner = list.get(i);
        MapEntryPart entry = MapEntryPart.of(inner);
        parts.add(
            entry == null
                ? new Part(of.path + '[' + i + ']', inner, of.depth + 1)
                : new Part(path(of, entry.key), entry.value, of.depth + 1));
      }
    }
    return parts;
  }

  /** An entry of a map field. */
  private record MapEntryPart(String key, Object value) {
    static @Nullable MapEntryPart of(Object element) {
      if (element instanceof Message entry
          && entry.getDescriptorForType().getOptions().getMapEntry()) {
        return new MapEntryPart(
            String.valueOf(entry.getField(entry.getDescriptorForType().findFieldByNumber(1))),
            entry.getField(entry.getDescriptorForType().findFieldByNumber(2)));
      }
      return null;
    }
  }

  private static Object unwrapped(Object value) {
    if (value instanceof Value json) {
      return switch (json.getKindCase()) {
        case STRUCT_VALUE -> json.getStructValue();
        case LIST_VALUE -> json.getListValue().getValuesList();
        case NULL_VALUE, NUMBER_VALUE, STRING_VALUE, BOOL_VALUE, KIND_NOT_SET -> "";
      };
    }
    return value instanceof ListValue list ? list.getValuesList() : value;
  }

  private static boolean isStruct(Message message) {
    return unwrapped(message) instanceof Struct;
  }

  private static String path(Part of, String name) {
    return of.path.isEmpty() ? name : of.path + '.' + name;
  }

  private static int hash(Object value) {
    if (value instanceof List<?> list) {
      // Entries of a map may come in any order.
      int sum = 1;
      for (Object one : list) {
        sum = MapEntryPart.of(one) == null ? 31 * sum + hash(one) : sum + hash(one);
      }
      return sum;
    }
    if (value instanceof Message message) {
      return crc(bytes(message));
    }
    if (value instanceof ByteString bytes) {
      return crc(bytes.toByteArray());
    }
    Object single = value instanceof EnumValueDescriptor constant ? constant.getNumber() : value;
    return crc(String.valueOf(single).getBytes(StandardCharsets.UTF_8));
  }

  /** Serializes deterministically: maps are written in the order of their keys. */
  private static byte[] bytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
