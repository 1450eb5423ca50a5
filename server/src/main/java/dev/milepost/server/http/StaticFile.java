package dev.milepost.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * A file for browsers, in memory, as it is and compressed. Immutable.
 *
 * @param type its media type
 * @param plain its bytes
 * @param gzip the bytes compressed; empty if that saves nothing
 * @param etag identifies the bytes, with quotation marks
 * @param policy the Content-Security-Policy of a page; empty for other files
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and never given away.
record StaticFile(String type, byte[] plain, byte[] gzip, String etag, String policy) {
  private static final String DEFAULT_TYPE = "application/octet-stream";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", Texts.HTML,
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", Texts.JSON,
          "map", Texts.JSON,
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2");

  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  /** Makes the file of a name. */
  static StaticFile of(String name, byte[] bytes) {
    String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), DEFAULT_TYPE);
    byte[] hash = sha256(bytes);
    byte[] compressed = compress(bytes);
    return new StaticFile(
        type,
        bytes,
        compressed.length < bytes.length ? compressed : new byte[0],
        '"' + HexFormat.of().formatHex(hash, 0, 16) + '"',
        type.equals(Texts.HTML) ? policy(bytes) : "");
  }

  /**
   * Returns the policy of a page: only files of this server, and of what stands in the page itself
   * only its import map, by the hash of its exact bytes.
   */
  private static String policy(byte[] page) {
    StringBuilder scripts = new StringBuilder("'self'");
    Matcher map = IMPORT_MAP.matcher(new String(page, StandardCharsets.UTF_8));
    while (map.find()) {
      byte[] hash = sha256(map.group(1).getBytes(StandardCharsets.UTF_8));
      scripts.append(" 'sha256-").append(Base64.getEncoder().encodeToString(hash)).append('\'');
    }
    return "default-src 'self'; script-src "
        + scripts
        + "; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'";
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java runtime has SHA-256.", e);
    }
  }

  private static byte[] compress(byte[] bytes) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }
}
