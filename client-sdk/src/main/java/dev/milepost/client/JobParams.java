package dev.milepost.client;

import com.google.protobuf.Struct;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job's input: an unmodifiable map with typed getters. Whole numbers are {@link Long}, others
 * {@link Double}; lists and maps are unmodifiable. Thread-safe.
 *
 * <p>A getter without a default throws {@link IllegalArgumentException} where the value is missing
 * or of another kind; one with a default does so for another kind only.
 */
public final class JobParams extends AbstractMap<String, @Nullable Object> {
  private final Map<String, @Nullable Object> values;

  private JobParams(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /** The values of a struct. */
  public static JobParams of(Struct struct) {
    return new JobParams(Structs.map(struct));
  }

  /** The text under that name. */
  public String getString(String name) {
    return as(String.class, name, required(name));
  }

  /** The text under that name, or else this. */
  public String getString(String name, String orElse) {
    return as(String.class, name, optional(name, orElse));
  }

  /** The whole number under that name. */
  public long getLong(String name) {
    return as(Long.class, name, required(name));
  }

  /** The whole number under that name, or else this. */
  public long getLong(String name, long orElse) {
    return as(Long.class, name, optional(name, orElse));
  }

  /** The number under that name, whole or not. */
  public double getDouble(String name) {
    return as(Number.class, name, required(name)).doubleValue();
  }

  /** The number under that name, whole or not, or else this. */
  public double getDouble(String name, double orElse) {
    return as(Number.class, name, optional(name, orElse)).doubleValue();
  }

  /** The truth value under that name. */
  public boolean getBoolean(String name) {
    return as(Boolean.class, name, required(name));
  }

  /** The truth value under that name, or else this. */
  public boolean getBoolean(String name, boolean orElse) {
    return as(Boolean.class, name, optional(name, orElse));
  }

  /** The list under that name; empty where there is none. */
  @SuppressWarnings("unchecked") // Made by Structs: lists are lists of objects.
  public List<@Nullable Object> getList(String name) {
    return as(List.class, name, optional(name, List.of()));
  }

  /** The map under that name; empty where there is none. */
  @SuppressWarnings("unchecked") // Made by Structs: maps have strings for keys.
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
