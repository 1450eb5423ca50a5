package dev.milepost.server.store.engine;

import dev.milepost.server.store.RequestKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/** What stands for the key of a request in an index: short, as it comes at random. */
public final class RequestDigest {
  private RequestDigest() {}

  /**
   * Sixteen bytes that stand for a key; each part is led by its length, so that no two keys look
   * alike.
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
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
