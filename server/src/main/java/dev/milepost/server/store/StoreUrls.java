package dev.milepost.server.store;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What messages may show of a store's URL. */
public final class StoreUrls {
  private static final Set<String> SCHEMES =
      Set.of(
          "file",
          "grpc",
          "grpcs",
          "http",
          "https",
          "jdbc",
          "mariadb",
          "memory",
          "mongodb",
          "mysql",
          "postgres",
          "postgresql",
          "redis",
          "redis-sentinel",
          "redis-socket",
          "rediss",
          "sqlite",
          "sqlite3",
          "valkey",
          "valkeys");

  private static final String UNRESERVED_MARKS = "-._~!$&'()*+,;=:";

  private StoreUrls() {}

  /**
   * Describes the first character of the user and password in a URL that must be percent-encoded
   * there; the rest of them is not shown. For a URL that could not be parsed as it was meant.
   *
   * @return such as {@code has the character # in its user or password: write it as %23}
   */
  public static Optional<String> unescaped(String url) {
    int begin = url.indexOf("//") + 2;
    int end = url.lastIndexOf('@');
    if (begin < 2 || end < begin) {
      return Optional.empty();
    }
    String credentials = url.substring(begin, end);
    for (int i = 0; i < credentials.length(); i++) {
      char found = credentials.charAt(i);
      boolean isEscape = found == '%' && credentials.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*");
      boolean isPlain =
          Character.isLetterOrDigit(found) || UNRESERVED_MARKS.indexOf(found) >= 0 || isEscape;
      if (!isPlain) {
        return Optional.of(
            "has %s in its user or password: write it as %s"
                .formatted(
                    name(found),
                    URLEncoder.encode(String.valueOf(found), StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("*", "%2A")));
      }
    }
    return Optional.empty();
  }

  private static String name(char character) {
    if (character == ' ') {
      return "a space";
    }
    return character > ' ' && character < 0x7f
        ? "the character " + character
        : "a special character";
  }

  /**
   * Returns the scheme of a URL, such as {@code redis:...}, if it is a common one, and otherwise
   * nothing of it. A password has many places in a URL, and more in a malformed one, so what
   * follows the scheme is not searched for passwords but left out.
   */
  public static String redacted(String url) {
    int end = url.indexOf(':');
    String scheme = end < 0 ? "" : url.substring(0, end);
    return SCHEMES.contains(scheme.toLowerCase(Locale.ROOT)) ? scheme + ":..." : "...";
  }
}
