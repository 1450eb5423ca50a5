package dev.milepost.client;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Converts between Java maps and protobuf structs. */
final class Structs {
  /** Above this, doubles, the only numbers of a struct, cannot represent every whole number. */
  private static final double MAX_WHOLE = 1L << 53;

  /** The contract allows 30 levels of maps and lists: the struct itself, and 29 within it. */
  private static final int MAX_DEPTH = 29;

  private Structs() {}

  /**
   * Encodes values that must survive unchanged.
   *
   * @throws IllegalArgumentException if a struct cannot represent a value
   */
  static Struct strict(Map<?, ?> map) {
    return struct(map, true, 0);
  }

  /** Encodes values for people: writes as text what a struct cannot represent, and never fails. */
  static Struct lenient(Map<?, ?> map) {
    return struct(map, false, 0);
  }

  /** Decodes to an unmodifiable map; whole numbers are {@link Long}, others {@link Double}. */
  static Map<String, @Nullable Object> map(Struct struct) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> map.put(key, object(value)));
    return Collections.unmodifiableMap(map);
  }

  private static Struct struct(Map<?, ?> map, boolean strict, int depth) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(String.valueOf(key), value(value, strict, depth)));
    return struct.build();
  }

  private static Value value(@Nullable Object object, boolean strict, int depth) {
    Value.Builder value = Value.newBuilder();
    if (object == null) {
      return value.setNullValue(NullValue.NULL_VALUE).build();
    } else if (object instanceof Boolean bool) {
      return value.setBoolValue(bool).build();
    } else if (object instanceof Number number) {
      return number(number, strict);
    } else if (object instanceof CharSequence || object instanceof Character) {
      return value.setStringValue(object.toString()).build();
    } else if (object instanceof Enum<?> constant) {
      return value.setStringValue(constant.name()).build();
    } else if (object instanceof Temporal || object instanceof Duration) {
      return value.setStringValue(object.toString()).build();
    } else if (depth < MAX_DEPTH && object instanceof Map<?, ?> map) {
      return value.setStructValue(struct(map, strict, depth + 1)).build();
    } else if (depth < MAX_DEPTH && object instanceof Iterable<?> list && !isPath(object)) {
      return value.setListValue(list(list, strict, depth + 1)).build();
    } else if (depth < MAX_DEPTH && object instanceof Object[] array) {
      return value.setListValue(list(Arrays.asList(array), strict, depth + 1)).build();
    } else if (strict) {
      throw new IllegalArgumentException(
          "a value of "
              + object.getClass().getName()
              + (depth < MAX_DEPTH ? " cannot be encoded" : " is nested too deeply")
              + ": use strings, booleans, numbers, lists and maps");
    }
    return value.setStringValue(String.valueOf(object)).build();
  }

  /** A path iterates over paths, so treating it as a list would never end. */
  private static boolean isPath(Object object) {
    return object instanceof java.nio.file.Path;
  }

  private static Value number(Number number, boolean strict) {
    double asDouble = number.doubleValue();
    boolean whole = !(number instanceof Double || number instanceof Float);
    if (!Double.isFinite(asDouble) || (whole && Math.abs(asDouble) > MAX_WHOLE)) {
      if (strict) {
        throw new IllegalArgumentException(
            "the number " + number + " cannot be encoded without loss: use a string");
      }
      return Value.newBuilder().setStringValue(number.toString()).build();
    }
    return Value.newBuilder().setNumberValue(asDouble).build();
  }

  private static ListValue list(Iterable<?> objects, boolean strict, int depth) {
    ListValue.Builder list = ListValue.newBuilder();
    objects.forEach(object -> list.addValues(value(object, strict, depth)));
    return list.build();
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
    if (number == Math.rint(number) && Math.abs(number) <= MAX_WHOLE) {
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
