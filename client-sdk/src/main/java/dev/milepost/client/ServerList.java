package dev.milepost.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The servers that a target names one by one: "a:7300,b:7300".
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
            "target: every server of a list is written as host:port, and \"" + entry + "\" is not");
      }
    }
  }

  /** Whether a target names several servers by itself. */
  static boolean isList(String target) {
    return target.contains(SEPARATOR) && !target.contains("//");
  }

  static ServerList of(String target) {
    return new ServerList(Arrays.stream(target.split(SEPARATOR, -1)).map(String::strip).toList());
  }

  static ServerList ofPath(@Nullable String path) {
    return of(path == null ? "" : path.replaceFirst("^/", ""));
  }

  /** As a target that gRPC understands. */
  String toTarget() {
    try {
      String path = "/" + String.join(SEPARATOR, entries);
      return new URI(ServerListResolverProvider.SCHEME, "", path, null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target: " + e.getMessage(), e);
    }
  }
}
