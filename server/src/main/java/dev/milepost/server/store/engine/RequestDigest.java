package dev.milepost.server.store.engine;

import dev.milepost.server.store.RequestKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/** A short digest of the key of an idempotent request, used in indexes. */
public final class RequestDigest {
  private RequestDigest() {}

  /**
   * Returns 16 bytes. Each part of the key is preceded by its length, so that different keys never
   * have the same input.
   */
  public static byte[] of(RequestKey key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : List.of(key.tenantId(), key.userId(), key.method(), key.requestId())) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
      }
      return Arrays.copyOf(digest.digest(), 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }
}
