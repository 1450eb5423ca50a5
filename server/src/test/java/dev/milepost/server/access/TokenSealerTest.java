package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.job.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Tokens that callers keep: opaque, and valid for one context only. */
class TokenSealerTest {
  private static final byte[] KEY = new byte[TokenSealer.KEY_BYTES];
  private static final byte[] CONTEXT = bytes("ann's list");

  private final TokenSealer sealer = new TokenSealer(KEY);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void refused(byte[] context, String token) {
    assertThatThrownBy(() -> sealer.open(context, token, "page_token"))
        .isInstanceOf(Refusal.InvalidArgument.class)
        .hasMessageContaining("page_token");
  }

  @Test
  void contentsComeBack() {
    for (int length = 0; length < 130; length++) {
      String content = "\u00e9".repeat(length);
      String token = sealer.seal(CONTEXT, content);
      assertThat(sealer.open(CONTEXT, token, "page_token")).isEqualTo(content);
      assertThat(new TokenSealer(KEY).open(CONTEXT, token, "page_token")).isEqualTo(content);
    }
  }

  @Test
  void aTokenTellsNothingOfItsContent() {
    Set<Integer> lengths = new HashSet<>();
    Set<List<Byte>> ends = new HashSet<>();
    for (long row = 1; row < Long.MAX_VALUE / 10; row *= 10) {
      byte[] token = Base64.getUrlDecoder().decode(sealer.seal(CONTEXT, Long.toString(row)));
      lengths.add(token.length);
      ends.add(List.of(token[token.length - 1], token[token.length - 2], token[token.length - 3]));
      String text = new String(token, StandardCharsets.ISO_8859_1);
      assertThat(text).doesNotContain(Long.toString(row * 1000));
    }
    assertThat(lengths).hasSize(1);
    // Neighbors have nothing in common, not even the padding.
    assertThat(ends).hasSizeGreaterThan(15);
  }

  @Test
  void everyOtherTokenIsRefused() throws Exception {
    String token = sealer.seal(CONTEXT, "4711");
    refused(bytes("bob's list"), token);
    refused(new byte[0], token);
    byte[] bytes = Base64.getUrlDecoder().decode(token);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      refused(CONTEXT, Base64.getUrlEncoder().encodeToString(changed));
      refused(CONTEXT, Base64.getUrlEncoder().encodeToString(Arrays.copyOf(bytes, i)));
    }
    refused(CONTEXT, "");
    refused(CONTEXT, "no base64!");
    byte[] other = KEY.clone();
    other[0] = 1;
    refused(CONTEXT, new TokenSealer(other).seal(CONTEXT, "4711"));
    refused(CONTEXT, new TokenSealer(KEY, "share token").seal(CONTEXT, "4711"));
    refused(CONTEXT, earlier("4711"));
    refused(CONTEXT, earlier("4711".repeat(20)));
  }

  /** A token as sealed by versions that did not encrypt. */
  private static String earlier(String content) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
    mac.update(bytes(CONTEXT.length + ":"));
    mac.update(CONTEXT);
    byte[] token = Arrays.copyOf(mac.doFinal(bytes(content)), 16 + content.length());
    System.arraycopy(bytes(content), 0, token, 16, content.length());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }
}
