package dev.milepost.client;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.Temporal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes values of any class, shape and depth as structs, within a number of bytes. A map may
 * contain itself, an iterable may never end, and methods of values may throw. Not thread-safe.
 *
 * <p>The strict encoder refuses what would not survive unchanged, and names its path. The lenient
 * one is for people and never fails: it writes such values as text, and leaves out what does not
 * fit.
 */
final class StructEncoder {
  /** The contract allows 30 levels of maps and lists: the struct itself, and 29 within it. */
  private static final int MAX_DEPTH = 29;

  /** Upper limit of what an entry takes besides its key and its text: tags, lengths, a number. */
  private static final int ENTRY_BYTES = 28;

  private final boolean strict;
  private final int maxBytes;
  private final Struct.Builder struct = Struct.newBuilder();
  private final Deque<String> path = new ArrayDeque<>();
  private long bytesLeft;
  private boolean cut;

  private StructEncoder(boolean strict, int maxBytes) {
    this.strict = strict;
    this.maxBytes = maxBytes;
    this.bytesLeft = maxBytes;
  }

  static StructEncoder strict(int maxBytes) {
    return new StructEncoder(true, maxBytes);
  }

  static StructEncoder lenient(int maxBytes) {
    return new StructEncoder(false, maxBytes);
  }

  /** Number of bytes that are left, at least. */
  int bytesLeft() {
    return (int) Math.max(0, bytesLeft);
  }

  /** Keeps bytes free for what is added later; a negative number releases them. */
  void reserve(int bytes) {
    bytesLeft -= bytes;
  }

  /** Whether the lenient encoder has left something out. */
  boolean isCut() {
    return cut;
  }

  Struct build() {
    return struct.build();
  }

  /** Adds one entry. */
  void put(String key, @Nullable Object value) {
    entry(struct, key, value, 0);
  }

  /**
   * Adds the entries of a map.
   *
   * @throws IllegalArgumentException if the encoder is strict and a value cannot be encoded
   */
  void putAll(@Nullable Map<?, ?> map) {
    if (map == null) {
      if (strict) {
        throw new IllegalArgumentException("the map is null");
      }
      return;
    }
    try {
      entries(struct, map, 0);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException e) {
      throw refused("cannot be read: " + UserCode.className(e), e);
    }
  }

  private void entries(Struct.Builder to, Map<?, ?> map, int depth) {
    try {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (isFull()) {
          return;
        }
        entry(to, key(to, entry.getKey()), entry.getValue(), depth);
      }
    } catch (RuntimeException | Error e) {
      to.putFields("(unreadable)", unreadable(e));
    }
  }

  /** Says in the place of a value that reading it threw; rethrows in strict mode. */
  private Value unreadable(Throwable thrown) {
    if (strict && thrown instanceof RuntimeException runtime) {
      throw runtime;
    } else if (strict && thrown instanceof Error error) {
      throw error;
    }
    cut = true;
    charge("");
    return text("(cannot be read: " + UserCode.className(thrown) + ")");
  }

  private void entry(Struct.Builder to, String key, @Nullable Object value, int depth) {
    charge(key);
    if (isFull()) {
      return;
    }
    path.addLast(key);
    to.putFields(key, value(value, depth));
    path.removeLast();
  }

  /** Returns a key as text, which must not equal that of another key, as 1 and "1" do. */
  private String key(Struct.Builder to, @Nullable Object key) {
    String text;
    if (key instanceof Enum<?> constant) {
      text = constant.name();
    } else if (strict && key == null) {
      throw refused("has a null key", null);
    } else if (key instanceof Map || key instanceof Iterable) {
      text = UserCode.className(key); // Not as text: it may contain itself.
    } else {
      text = string(strict ? String.valueOf(key) : UserCode.text(key));
    }
    if (strict && to.containsFields(text)) {
      throw refused("has two keys that are both \"" + text + "\" as text", null);
    }
    while (to.containsFields(text)) {
      text += "'";
    }
    return text;
  }

  private Value value(@Nullable Object object, int depth) {
    try {
      return encoded(object, depth);
    } catch (RuntimeException | Error e) {
      return unreadable(e);
    }
  }

  private Value encoded(@Nullable Object object, int depth) {
    Value.Builder value = Value.newBuilder();
    if (object == null) {
      return value.setNullValue(NullValue.NULL_VALUE).build();
    } else if (object instanceof Boolean bool) {
      return value.setBoolValue(bool).build();
    } else if (object instanceof Number number) {
      return number(number);
    } else if (object instanceof Enum<?> constant) {
      return text(constant.name());
    } else if (object instanceof CharSequence
        || object instanceof Character
        || object instanceof Temporal
        || object instanceof Duration) {
      return text(strict ? String.valueOf(object.toString()) : UserCode.text(object));
    } else if (object instanceof Map<?, ?> map) {
      return isTooDeep(depth) ? tooDeep(object) : value.setStructValue(map(map, depth)).build();
    } else if (object instanceof Iterable<?> list && !(object instanceof Path)) {
      // A path iterates over paths, so treating it as a list would never end.
      return isTooDeep(depth)
          ? tooDeep(object)
          : value.setListValue(list(list.iterator(), depth)).build();
    } else if (object.getClass().isArray()) {
      return isTooDeep(depth) ? tooDeep(object) : value.setListValue(array(object, depth)).build();
    } else if (strict) {
      throw refused(
          "is of "
              + UserCode.className(object)
              + ", which cannot be encoded: use strings, booleans, numbers, lists and maps",
          null);
    }
    return text(UserCode.text(object));
  }

  private static boolean isTooDeep(int depth) {
    return depth >= MAX_DEPTH;
  }

  private Value tooDeep(Object object) {
    if (strict) {
      throw refused(
          "is nested too deeply: at most " + (MAX_DEPTH + 1) + " maps and lists in one another",
          null);
    }
    cut = true; // Not as text: what is nested this deeply may contain itself.
    return text("(nested too deeply: " + UserCode.className(object) + ")");
  }

  private Struct map(Map<?, ?> map, int depth) {
    Struct.Builder nested = Struct.newBuilder();
    entries(nested, map, depth + 1);
    return nested.build();
  }

  private ListValue list(Iterator<?> elements, int depth) {
    ListValue.Builder list = ListValue.newBuilder();
    try {
      while (elements.hasNext()) {
        if (!element(list, elements.next(), depth)) {
          break;
        }
      }
    } catch (RuntimeException | Error e) {
      list.addValues(unreadable(e));
    }
    return list.build();
  }

  private ListValue array(Object array, int depth) {
    ListValue.Builder list = ListValue.newBuilder();
    for (int i = 0; i < Array.getLength(array); i++) {
      if (!element(list, Array.get(array, i), depth)) {
        break;
      }
    }
    return list.build();
  }

  private boolean element(ListValue.Builder list, @Nullable Object element, int depth) {
    charge("");
    if (isFull()) {
      return false;
    }
    path.addLast("[" + list.getValuesCount() + "]");
    list.addValues(value(element, depth + 1));
    path.removeLast();
    return true;
  }

  private Value number(Number number) {
    Double exact = UserCode.orNull(() -> Numbers.exactDouble(number));
    if (exact != null) {
      return Value.newBuilder().setNumberValue(exact).build();
    } else if (strict) {
      throw refused(
          "is the number "
              + Texts.cut(UserCode.text(number), 64)
              + ", which a double cannot hold exactly: use a string",
          null);
    }
    return text(UserCode.text(number));
  }

  private Value text(String given) {
    String text = string(given);
    long bytes = Texts.utf8Bytes(text);
    if (!strict && bytes > bytesLeft) {
      cut = true;
      text = Texts.cutBytes(text, bytesLeft());
      bytes = Texts.utf8Bytes(text);
    }
    bytesLeft -= bytes;
    isFull();
    return Value.newBuilder().setStringValue(text).build();
  }

  private String string(String given) {
    String text = Texts.wellFormed(given);
    if (strict && !text.equals(given)) {
      throw refused("has half of a surrogate pair, which is no character", null);
    }
    return text;
  }

  private void charge(String key) {
    bytesLeft -= ENTRY_BYTES + Texts.utf8Bytes(key);
  }

  /**
   * Whether no more fits.
   *
   * @throws IllegalArgumentException if the encoder is strict
   */
  private boolean isFull() {
    if (bytesLeft >= 0) {
      return false;
    } else if (strict) {
      throw refused("exceeds what fits into " + maxBytes + " bytes", null);
    }
    cut = true;
    return true;
  }

  private IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    String where = String.join(".", path).replace(".[", "[");
    return new IllegalArgumentException(
        (where.isEmpty() ? "the map" : "the value of " + Texts.cut(where, 256)) + " " + why, cause);
  }
}
