package dev.milepost.client;

import com.google.protobuf.Struct;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job's parameters: an unmodifiable map with typed getters. Whole numbers are {@link Long},
 * others {@link Double}; lists and maps are unmodifiable. Thread-safe.
 *
 * <p>A getter throws {@link IllegalArgumentException} if the value has another type, or if it is
 * missing or null and the getter has no default.
 */
public final class JobParams extends AbstractMap<String, @Nullable Object> {
  private final Map<String, @Nullable Object> values;

  private JobParams(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /** Creates parameters from a struct. */
  public static JobParams of(Struct struct) {
    return new JobParams(Structs.map(struct));
  }

  /** Returns a string parameter. */
  public String getString(String name) {
    return as(String.class, name, required(name));
  }

  /** Returns a string parameter, or the default if it is missing. */
  public String getString(String name, String orElse) {
    return as(String.class, name, optional(name, orElse));
  }

  /** Returns a whole number. */
  public long getLong(String name) {
    return as(Long.class, name, required(name));
  }

  /** Returns a whole number, or the default if it is missing. */
  public long getLong(String name, long orElse) {
    return as(Long.class, name, optional(name, orElse));
  }

  /** Returns a number as a double. */
  public double getDouble(String name) {
    return as(Number.class, name, required(name)).doubleValue();
  }

  /** Returns a number as a double, or the default if it is missing. */
  public double getDouble(String name, double orElse) {
    return as(Number.class, name, optional(name, orElse)).doubleValue();
  }

  /** Returns a boolean. */
  public boolean getBoolean(String name) {
    return as(Boolean.class, name, required(name));
  }

  /** Returns a boolean, or the default if it is missing. */
  public boolean getBoolean(String name, boolean orElse) {
    return as(Boolean.class, name, optional(name, orElse));
  }

  /** Returns a list; empty if it is missing. */
  @SuppressWarnings("unchecked") // Structs creates only lists of objects.
  public List<@Nullable Object> getList(String name) {
    return as(List.class, name, optional(name, List.of()));
  }

  /** Returns a map; empty if it is missing. */
  @SuppressWarnings("unchecked") // Structs creates only maps with string keys.
  public Map<String, @Nullable Object> getMap(String name) {
    return as(Map.class, name, optional(name, Map.of()));
  }

  @Override
  public Set<Entry<String, @Nullable Object>> entrySet() {
    return values.entrySet();
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    return values.get(name);
  }

  private Object required(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the parameter " + name + " is missing");
    }
    return value;
  }

  private Object optional(String name, Object orElse) {
    Object value = values.get(name);
    return value == null ? orElse : value;
  }

  private static <T> T as(Class<T> type, String name, Object value) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "the parameter "
              + name
              + " is not a "
              + type.getSimpleName()
              + " but a "
              + value.getClass().getSimpleName());
    }
    return type.cast(value);
  }
}
