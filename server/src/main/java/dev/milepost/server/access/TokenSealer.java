package dev.milepost.server.access;

import dev.milepost.server.job.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the tokens that callers send back, so that they cannot read, forge or change one, or use
 * one for another request. A position counts the jobs of all tenants, which no caller should learn.
 * Thread-safe.
 *
 * <p>Encrypts with a synthetic initialization vector, as in RFC 5297: the vector is the MAC of
 * context and content, and is the authentication tag as well. Nothing random is needed, so no
 * number of tokens wears out the key.
 */
public final class TokenSealer {
  /** Length of a key, in bytes. */
  public static final int KEY_BYTES = 32;

  private static final String MAC = "HmacSHA256";
  private static final String CIPHER = "AES/CTR/NoPadding";
  private static final int TAG_BYTES = 16;

  /** Contents are padded to a multiple of this, since a length tells how large a number is. */
  private static final int BLOCK_BYTES = 32;

  private static final byte END = (byte) 0x80;

  private final SecretKeySpec macKey;
  private final SecretKeySpec cipherKey;

  /** Seals page tokens with a secret key. Servers with the same key accept each other's tokens. */
  public TokenSealer(byte[] key) {
    this(key, "page token");
  }

  /**
   * Seals tokens of one purpose with a secret key. A token of another purpose is not accepted.
   *
   * @param purpose constant that names the kind of tokens
   */
  TokenSealer(byte[] key, String purpose) {
    if (key.length < KEY_BYTES) {
      throw new IllegalArgumentException("the key must have at least " + KEY_BYTES + " bytes");
    }
    SecretKeySpec master = new SecretKeySpec(key, MAC);
    this.macKey = new SecretKeySpec(derive(master, purpose + ": authenticate"), MAC);
    this.cipherKey = new SecretKeySpec(derive(master, purpose + ": encrypt"), "AES");
  }

  private static byte[] derive(SecretKeySpec master, String purpose) {
    return mac(master, purpose.getBytes(StandardCharsets.US_ASCII), new byte[0]);
  }

  /**
   * Creates a token. The same content in the same context has the same token.
   *
   * @param context what the token is valid for; must be the same when it is opened
   * @param content what it carries
   */
  public String seal(byte[] context, String content) {
    byte[] padded = pad(content.getBytes(StandardCharsets.UTF_8));
    byte[] tag = tag(context, padded);
    byte[] token = Arrays.copyOf(tag, TAG_BYTES + padded.length);
    System.arraycopy(crypt(tag, padded), 0, token, TAG_BYTES, padded.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /**
   * Opens a token.
   *
   * @param field the field that contains the token
   * @throws Refusal.InvalidArgument if this server did not create it for this context
   */
  public String open(byte[] context, String token, String field) {
    return open(context, token)
        .orElseThrow(
            () ->
                new Refusal.InvalidArgument(
                    field,
                    "is not a token of this server for this request; start without a token"));
  }

  /** Opens a token; empty if this server did not create it for this context. */
  Optional<String> open(byte[] context, String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length < TAG_BYTES + BLOCK_BYTES) {
      return Optional.empty();
    }
    byte[] tag = Arrays.copyOf(bytes, TAG_BYTES);
    byte[] padded = crypt(tag, Arrays.copyOfRange(bytes, TAG_BYTES, bytes.length));
    if (!MessageDigest.isEqual(tag(context, padded), tag)) {
      return Optional.empty();
    }
    int end = padded.length - 1;
    while (padded[end] != END) {
      end--;
    }
    return Optional.of(new String(padded, 0, end, StandardCharsets.UTF_8));
  }

  /** Appends the end mark, then zeros. */
  private static byte[] pad(byte[] content) {
    int blocks = content.length / BLOCK_BYTES + 1;
    byte[] padded = Arrays.copyOf(content, blocks * BLOCK_BYTES);
    padded[content.length] = END;
    return padded;
  }

  private byte[] tag(byte[] context, byte[] padded) {
    return Arrays.copyOf(mac(macKey, context, padded), TAG_BYTES);
  }

  private byte[] crypt(byte[] tag, byte[] text) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.ENCRYPT_MODE, cipherKey, new IvParameterSpec(tag));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CIPHER, e);
    }
  }

  private static byte[] mac(SecretKeySpec key, byte[] context, byte[] content) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(Integer.toString(context.length).getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) ':');
      mac.update(context);
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }
}
