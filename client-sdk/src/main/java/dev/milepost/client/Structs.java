package dev.milepost.client;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Converts between Java maps and protobuf structs. */
final class Structs {
  /**
   * More than the server takes of any struct, which says by itself what is too large for it; a
   * message can have 4 MiB.
   */
  private static final int MAX_BYTES = 2 << 20;

  /** What the entry takes that says that something was left out. */
  static final int CUT_BYTES = 128;

  private Structs() {}

  /**
   * Encodes values that must survive unchanged.
   *
   * @throws IllegalArgumentException if a struct cannot represent a value; names its path
   */
  static Struct strict(Map<?, ?> map) {
    StructEncoder encoder = StructEncoder.strict(MAX_BYTES);
    encoder.putAll(map);
    return encoder.build();
  }

  /**
   * Encodes values for people within a number of bytes, and never fails: writes as text what a
   * struct cannot represent. What does not fit is left out, and a last entry says so.
   *
   * @param cutKey key of the entry that says so
   */
  static Struct lenient(Map<?, ?> map, int maxBytes, String cutKey) {
    StructEncoder encoder = StructEncoder.lenient(maxBytes);
    encoder.reserve(CUT_BYTES);
    encoder.putAll(map);
    return closed(encoder, cutKey, maxBytes);
  }

  /** Adds the entry that says what was left out, for which {@link #CUT_BYTES} are reserved. */
  static Struct closed(StructEncoder encoder, String cutKey, int maxBytes) {
    return encoder.isCut()
        ? encoder.build().toBuilder()
            .putFields(
                cutKey,
                Value.newBuilder()
                    .setStringValue("not all of it is here: at most " + maxBytes + " bytes fit")
                    .build())
            .build()
        : encoder.build();
  }

  /** Decodes to an unmodifiable map; whole numbers are {@link Long}, others {@link Double}. */
  static Map<String, @Nullable Object> map(Struct struct) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> map.put(key, object(value)));
    return Collections.unmodifiableMap(map);
  }

  private static @Nullable Object object(Value value) {
    return switch (value.getKindCase()) {
      case BOOL_VALUE -> value.getBoolValue();
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRUCT_VALUE -> map(value.getStructValue());
      case LIST_VALUE -> list(value.getListValue());
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static Object number(double number) {
    boolean whole = number == Math.rint(number) && Math.abs(number) <= Numbers.MAX_WHOLE;
    boolean negativeZero = number == 0 && 1 / number < 0;
    if (whole && !negativeZero) {
      return (long) number;
    }
    return number;
  }

  private static List<@Nullable Object> list(ListValue values) {
    List<@Nullable Object> list = new ArrayList<>(values.getValuesCount());
    values.getValuesList().forEach(value -> list.add(object(value)));
    return Collections.unmodifiableList(list);
  }
}
