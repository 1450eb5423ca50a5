package dev.milepost.server.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Words for a script. Used by one thread. */
final class RedisWords {
  private final List<byte[]> words = new ArrayList<>();

  /** No word yet. */
  RedisWords() {}

  /**
   * Adds a command: the number of its words, then its words.
   *
   * @param command texts, numbers or bytes
   */
  RedisWords command(Object... command) {
    words.add(bytes(command.length));
    return words(command);
  }

  /** Adds words. */
  RedisWords words(Object... more) {
    for (Object word : more) {
      words.add(bytes(word));
    }
    return this;
  }

  /** Adds words. */
  RedisWords words(List<?> more) {
    return words(more.toArray());
  }

  /** Adds all words of another. */
  RedisWords all(RedisWords others) {
    words.addAll(others.words);
    return this;
  }

  boolean isEmpty() {
    return words.isEmpty();
  }

  int size() {
    return words.size();
  }

  byte[][] toArray() {
    return words.toArray(byte[][]::new);
  }

  /** A word as Redis takes it. */
  static byte[] bytes(Object word) {
    return word instanceof byte[] bytes ? bytes : word.toString().getBytes(StandardCharsets.UTF_8);
  }
}
