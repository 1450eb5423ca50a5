package dev.milepost.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A target that lists several servers: "a:7300,b:7300".
 *
 * @param entries at least one, each "host:port"
 */
record ServerList(List<String> entries) {
  private static final String SEPARATOR = ",";

  /** A name, an IPv4 address, or an IPv6 address in brackets; then the port. */
  private static final Pattern ENTRY =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^\\s:/,\\[\\]]+):\\d+");

  ServerList {
    entries = List.copyOf(entries);
    for (String entry : entries) {
      if (!ENTRY.matcher(entry).matches()) {
        throw new IllegalArgumentException(
            "target: every server in a list must be host:port, but \"" + entry + "\" is not");
      }
    }
  }

  /** Whether a target is a list of servers. */
  static boolean isList(String target) {
    return target.contains(SEPARATOR) && !target.contains("//");
  }

  static ServerList of(String target) {
    return new ServerList(Arrays.stream(target.split(SEPARATOR, -1)).map(String::strip).toList());
  }

  static ServerList ofPath(@Nullable String path) {
    return of(path == null ? "" : path.replaceFirst("^/", ""));
  }

  /** Returns the list as a gRPC target. */
  String toTarget() {
    try {
      String path = "/" + String.join(SEPARATOR, entries);
      return new URI(ServerListResolverProvider.SCHEME, "", path, null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target: " + e.getMessage(), e);
    }
  }
}
