package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreUrls;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * The address of a database and its credentials: {@code
 * postgresql://user:password@host:port/database?parameter=value}.
 *
 * @param jdbc URL for the driver, without credentials
 * @param location address for people, without credentials
 * @param schema schema of the tables
 * @param properties user, password and further parameters of the driver
 */
record PostgresUrl(String jdbc, String location, String schema, Properties properties) {
  private static final String SCHEMA = "currentSchema";
  private static final Pattern DATABASE = Pattern.compile("/(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+");
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,40}");

  /**
   * Parses a URL.
   *
   * @throws StoreException if the URL is not valid
   */
  static PostgresUrl of(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // Not with the cause: its message contains the URL with its password.
      throw refused(
          StoreUrls.unescaped(url)
              .orElse("is not a valid URL (percent-encode special characters)"));
    }
    if (uri.getHost() == null || String.valueOf(uri.getRawPath()).contains("@")) {
      throw refused(StoreUrls.unescaped(url).orElse("names no host"));
    }
    String path = uri.getRawPath();
    if (path == null || path.length() < 2) {
      throw refused("names no database");
    }
    if (!DATABASE.matcher(path).matches()) {
      throw refused("has a database name with characters other than letters, digits, and . _ ~ -");
    }
    Properties properties = new Properties();
    if (uri.getRawUserInfo() != null) {
      String[] parts = uri.getRawUserInfo().split(":", 2);
      properties.setProperty("user", decode(parts[0]));
      if (parts.length == 2) {
        properties.setProperty("password", decode(parts[1]));
      }
    }
    if (uri.getRawQuery() != null) {
      for (String parameter : uri.getRawQuery().split("&", -1)) {
        String[] parts = parameter.split("=", 2);
        properties.setProperty(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
      }
    }
    String schema = properties.getProperty(SCHEMA, "milepost");
    if (!NAME.matcher(schema).matches()) {
      throw refused(
          "has a currentSchema that is not made of up to 41 lower-case letters, digits and"
              + " underscores");
    }
    properties.setProperty(SCHEMA, schema);
    properties.putIfAbsent("ApplicationName", "milepost");
    properties.putIfAbsent("connectTimeout", "5");
    properties.putIfAbsent("tcpKeepAlive", "true");
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    String place = "//" + uri.getHost() + ":" + port + path;
    return new PostgresUrl("jdbc:postgresql:" + place, place, schema, properties);
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    return location;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static StoreException refused(String why) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "The store's URL " + why + ". Use postgresql://USER:PASSWORD@HOST:PORT/DATABASE.");
  }
}
