package dev.milepost.server.app;

import dev.milepost.server.job.Refusal;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the tokens that callers send back, so that they cannot forge or change one, or use one for
 * another request. Thread-safe.
 */
public final class TokenSealer {
  /** Length of a key, in bytes. */
  public static final int KEY_BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAC_BYTES = 16;

  private final SecretKeySpec key;

  /** Seals with a secret key. Servers with the same key accept each other's tokens. */
  public TokenSealer(byte[] key) {
    if (key.length < KEY_BYTES) {
      throw new IllegalArgumentException("the key must have at least " + KEY_BYTES + " bytes");
    }
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /**
   * Creates a token.
   *
   * @param context what the token is valid for; must be the same when it is opened
   * @param content what it carries; its bearer can read it
   */
  String seal(byte[] context, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream token = new ByteArrayOutputStream(MAC_BYTES + bytes.length);
    token.writeBytes(mac(context, bytes));
    token.writeBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token.toByteArray());
  }

  /**
   * Opens a token.
   *
   * @param field the field that contains the token
   * @throws Refusal.InvalidArgument if this server did not create it for this context
   */
  public String open(byte[] context, String token, String field) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      throw refused(field);
    }
    if (bytes.length < MAC_BYTES) {
      throw refused(field);
    }
    byte[] content = Arrays.copyOfRange(bytes, MAC_BYTES, bytes.length);
    if (!MessageDigest.isEqual(mac(context, content), Arrays.copyOf(bytes, MAC_BYTES))) {
      throw refused(field);
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  private static Refusal refused(String field) {
    return new Refusal.InvalidArgument(
        field, "is not a token of this server for this request; start without a token");
  }

  private byte[] mac(byte[] context, byte[] content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(Integer.toString(context.length).getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) ':');
      mac.update(context);
      return Arrays.copyOf(mac.doFinal(content), MAC_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
