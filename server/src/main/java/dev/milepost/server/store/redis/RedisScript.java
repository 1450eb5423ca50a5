package dev.milepost.server.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The scripts that run in Redis. Each documents its arguments and its result. */
enum RedisScript {
  READ("read"),
  JOBS("jobs"),
  CLAIM("claim"),
  FIRST("first"),
  COMMIT("commit"),
  RECLAIM("reclaim"),
  FORGET("forget"),
  RECORDS("records"),
  INDEX("index"),
  TEXTS("texts"),
  CHECKSUMS("checksums");

  private final String text;
  private final String digest;

  RedisScript(String name) {
    String path = "/milepost/redis/" + name + ".lua";
    try (InputStream file = RedisScript.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException("The server's jar does not contain " + path + ".");
      }
      this.text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(RedisArguments.bytes(text));
      this.digest = HexFormat.of().formatHex(hash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-1.", e);
    }
  }

  String text() {
    return text;
  }

  /** The digest by which Redis knows a script that it has seen. */
  String digest() {
    return digest;
  }
}
