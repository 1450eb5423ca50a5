package dev.milepost.examples.hashtree;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far an attempt came: what the next one goes on from.
 *
 * @param name the last file dealt with, hashed or not; the next is the first after it by name
 * @param length bytes of the partial manifest that belong to it
 * @param lines lines that those bytes hold
 * @param unreadable files that could not be read, of those dealt with
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

  /** Whether a file was dealt with already. */
  boolean covers(TreeFile file) {
    return file.name().compareTo(name) <= 0;
  }

  private static long number(Map<String, @Nullable Object> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }
}
