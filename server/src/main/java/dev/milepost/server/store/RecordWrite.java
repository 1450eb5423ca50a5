package dev.milepost.server.store;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Records to write at once.
 *
 * @param kind their kind
 * @param values new values by key; each replaces the one before
 * @param removed keys to remove; those that do not exist are ignored
 * @param ttl how long the new values are kept, more than zero
 */
public record RecordWrite(
    RecordKind kind,
    SortedMap<String, ByteString> values,
    SortedSet<String> removed,
    Duration ttl) {
  /** Maximum number of values and removed keys in one write. */
  public static final int MAX_KEYS = 500;

  private static final Pattern KEY = Pattern.compile("[\\x20-\\x7e]{1,400}");

  /**
   * Copies the values and keys.
   *
   * @throws IllegalArgumentException if a key, a value, the time or their number is out of bounds
   */
  public RecordWrite {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    removed = Collections.unmodifiableSortedSet(new TreeSet<>(removed));
    if (values.size() + removed.size() > MAX_KEYS || ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("too many records, or no time to keep them");
    }
    values.forEach(RecordWrite::check);
    removed.forEach(key -> check(key, ByteString.EMPTY));
  }

  /** Values to keep. */
  public static RecordWrite of(RecordKind kind, Map<String, ByteString> values, Duration ttl) {
    return new RecordWrite(kind, new TreeMap<>(values), new TreeSet<>(), ttl);
  }

  /** Values to keep, and keys to remove. */
  public static RecordWrite of(
      RecordKind kind, Map<String, ByteString> values, Set<String> removed, Duration ttl) {
    return new RecordWrite(kind, new TreeMap<>(values), new TreeSet<>(removed), ttl);
  }

  private static void check(String key, ByteString value) {
    if (!KEY.matcher(key).matches() || value.size() > ServerRecords.MAX_VALUE_BYTES) {
      throw new IllegalArgumentException("a record has an invalid key, or is too large: " + key);
    }
  }
}
