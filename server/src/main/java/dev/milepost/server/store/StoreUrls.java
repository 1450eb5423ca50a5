package dev.milepost.server.store;

import java.util.Locale;
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

  private StoreUrls() {}

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
