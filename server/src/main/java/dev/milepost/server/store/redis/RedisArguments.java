package dev.milepost.server.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Arguments of a script. Used by one thread. */
final class RedisArguments {
  private final List<byte[]> args = new ArrayList<>();

  /** No arguments. */
  RedisArguments() {}

  /**
   * Adds a command: the number of its words, then its words.
   *
   * @param command texts, numbers or bytes
   */
  RedisArguments command(Object... command) {
    args.add(bytes(command.length));
    return add(command);
  }

  /** Adds arguments. */
  RedisArguments add(Object... more) {
    for (Object word : more) {
      args.add(bytes(word));
    }
    return this;
  }

  /** Adds arguments. */
  RedisArguments add(List<?> more) {
    return add(more.toArray());
  }

  /** Adds all arguments of another object. */
  RedisArguments all(RedisArguments others) {
    args.addAll(others.args);
    return this;
  }

  boolean isEmpty() {
    return args.isEmpty();
  }

  int size() {
    return args.size();
  }

  byte[][] toArray() {
    return args.toArray(byte[][]::new);
  }

  /** Encodes an argument. */
  static byte[] bytes(Object word) {
    return word instanceof byte[] bytes ? bytes : word.toString().getBytes(StandardCharsets.UTF_8);
  }
}
