package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreUrls;
import io.lettuce.core.RedisURI;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * The address of Redis and its credentials: {@code
 * redis://user:password@host:port/database?prefix=milepost&replicas=1&replica_timeout_millis=1000};
 * {@code rediss:} with TLS.
 *
 * @param uri address and credentials for the driver
 * @param location address for people, without credentials
 * @param prefix prefix of all keys
 * @param replicas replicas that must confirm a change before it is acknowledged, 0 to 100
 * @param replicaTimeout how long to wait for them, 1 ms to 10 s
 */
record RedisUrl(
    RedisURI uri, String location, String prefix, int replicas, Duration replicaTimeout) {
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");
  private static final int PORT = 6379;

  /**
   * Parses a URL.
   *
   * @throws StoreException if the URL is not valid
   */
  static RedisUrl of(String url) {
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
    int database = 0;
    String path = uri.getPath();
    if (path != null && path.length() > 1) {
      database = (int) number("database", path.substring(1), 0, 999);
    }
    String prefix = "milepost";
    int replicas = 0;
    Duration replicaTimeout = Duration.ofSeconds(1);
    if (uri.getQuery() != null) {
      for (String parameter : uri.getQuery().split("&", -1)) {
        String[] parts = parameter.split("=", 2);
        String value = parts.length == 2 ? parts[1] : "";
        switch (parts[0]) {
          case "prefix" -> prefix = prefix(value);
          case "replicas" -> replicas = (int) number("replicas", value, 0, 100);
          case "replica_timeout_millis" ->
              replicaTimeout =
                  Duration.ofMillis(number("replica_timeout_millis", value, 1, 10_000));
          default ->
              throw refused(
                  "has an unknown parameter (known: prefix, replicas, replica_timeout_millis)");
        }
      }
    }
    int port = uri.getPort() < 0 ? PORT : uri.getPort();
    RedisURI.Builder builder =
        RedisURI.builder()
            .withHost(uri.getHost())
            .withPort(port)
            .withDatabase(database)
            .withSsl(uri.getScheme().equals("rediss"))
            .withClientName("milepost");
    if (uri.getUserInfo() != null) {
      String[] parts = uri.getUserInfo().split(":", 2);
      if (parts.length == 2 && !parts[0].isEmpty()) {
        builder.withAuthentication(parts[0], parts[1].toCharArray());
      } else {
        builder.withPassword(parts[parts.length - 1].toCharArray());
      }
    }
    String location = "//" + uri.getHost() + ":" + port + "/" + database + " (" + prefix + ":*)";
    return new RedisUrl(builder.build(), location, prefix, replicas, replicaTimeout);
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    return location;
  }

  private static String prefix(String value) {
    if (!PREFIX.matcher(value).matches()) {
      throw refused("has a prefix that is not made of 1 to 64 letters, digits, and . _ : -");
    }
    return value;
  }

  private static long number(String what, String value, int min, int max) {
    if (NUMBER.matcher(value).matches()) {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw refused("has a " + what + " that is not a number from " + min + " to " + max);
  }

  private static StoreException refused(String why) {
    return new StoreException(
        Outcome.NOT_APPLIED,
        "The store's URL " + why + ". Use redis://USER:PASSWORD@HOST:PORT/DATABASE.");
  }
}
