package dev.milepost.server.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What runs within Redis: each says itself what it takes and answers. */
enum RedisScript {
  READ("read"),
  CLAIM("claim"),
  COMMIT("commit"),
  RECLAIM("reclaim");

  private final String text;
  private final String digest;

  RedisScript(String name) {
    String path = "/milepost/redis/" + name + ".lua";
    try (InputStream file = RedisScript.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException("the server was packed without " + path);
      }
      this.text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(RedisWords.bytes(text));
      this.digest = HexFormat.of().formatHex(hash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }

  String text() {
    return text;
  }

  /** By which Redis knows it once it has seen it. */
  String digest() {
    return digest;
  }
}
