package dev.milepost.server.store.engine;

import dev.milepost.server.store.RequestKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * A short digest of the key of an idempotent request, used in indexes. It begins with a digest of
 * its user, so that all requests of a user are found together.
 */
public final class RequestDigest {
  private static final int USER_BYTES = 8;
  private static final int KEY_BYTES = 16;

  private RequestDigest() {}

  /** Returns 24 bytes: those of the user, and those of the key. */
  public static byte[] of(RequestKey key) {
    return ByteBuffer.allocate(USER_BYTES + KEY_BYTES)
        .put(ofUser(key.tenantId(), key.userId()))
        .put(
            digest(List.of(key.tenantId(), key.userId(), key.method(), key.requestId())),
            0,
            KEY_BYTES)
        .array();
  }

  /** Returns the 8 bytes with which the digests of a user's requests begin, and no others. */
  public static byte[] ofUser(String tenantId, String userId) {
    return Arrays.copyOf(digest(List.of(tenantId, userId)), USER_BYTES);
  }

  /** Returns the highest digest of a user's requests; {@link #ofUser} is below the lowest. */
  public static byte[] lastOfUser(String tenantId, String userId) {
    byte[] last = Arrays.copyOf(ofUser(tenantId, userId), USER_BYTES + KEY_BYTES);
    Arrays.fill(last, USER_BYTES, last.length, (byte) 0xff);
    return last;
  }

  /** Each part is preceded by its length, so that different parts never have the same input. */
  private static byte[] digest(List<String> parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }
}
