package dev.milepost.examples.hashtree;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far an attempt got; the next attempt continues from here.
 *
 * @param name the last file processed, hashed or unreadable; the next one is the first after it by
 *     name
 * @param length length of the partial manifest in bytes at this point
 * @param lines number of lines in those bytes
 * @param unreadable how many of the processed files could not be read
 */
record Checkpoint(String name, long length, long lines, long unreadable) {
  /** Before the first file. */
  static final Checkpoint START = new Checkpoint("", 0, 0, 0);

  static Checkpoint of(Optional<Map<String, @Nullable Object>> saved) {
    return saved
        .map(
            map ->
                new Checkpoint(
                    String.valueOf(map.get("name")),
                    number(map, "length"),
                    number(map, "lines"),
                    number(map, "unreadable")))
        .orElse(START);
  }

  Map<String, Object> toMap() {
    return Map.of("name", name, "length", length, "lines", lines, "unreadable", unreadable);
  }

  /** Whether a file has already been processed. */
  boolean covers(TreeFile file) {
    return file.name().compareTo(name) <= 0;
  }

  private static long number(Map<String, @Nullable Object> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }
}
