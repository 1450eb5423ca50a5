package dev.milepost.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A target that lists several servers: "a:7300,b:7300".
 *
 * @param servers at least one
 */
record ServerList(List<ServerAddress> servers) {
  private static final String SEPARATOR = ",";

  ServerList {
    servers = List.copyOf(servers);
  }

  /** Whether a target is a list of servers. */
  static boolean isList(String target) {
    return target.contains(SEPARATOR) && !target.contains("//");
  }

  /**
   * Parses a list.
   *
   * @throws IllegalArgumentException if an entry is not "host" or "host:port"
   */
  static ServerList of(String target) {
    return new ServerList(
        Arrays.stream(target.split(SEPARATOR, -1)).map(ServerAddress::parse).toList());
  }

  static ServerList ofPath(@Nullable String path) {
    return of(path == null ? "" : path.replaceFirst("^/", ""));
  }

  /** Returns the list as a gRPC target. */
  String toTarget() {
    try {
      return new URI(ServerListResolverProvider.SCHEME, "", "/" + this, null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target: " + e.getMessage(), e);
    }
  }

  /** "host:port,host:port". */
  @Override
  public String toString() {
    return servers.stream().map(ServerAddress::toString).collect(Collectors.joining(SEPARATOR));
  }
}
