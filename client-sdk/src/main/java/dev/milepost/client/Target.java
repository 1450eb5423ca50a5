package dev.milepost.client;

import io.grpc.NameResolverRegistry;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server, or the servers, that a client uses.
 *
 * @param text how it is written in messages
 * @param grpc how gRPC reads it
 * @param servers the addresses named in it; empty if it has a scheme that only gRPC understands
 * @param mayBeSeveral whether it may stand for several servers: a list, or all addresses of a name
 */
record Target(String text, String grpc, List<ServerAddress> servers, boolean mayBeSeveral) {
  private static final String DNS = "dns";
  private static final String UNIX = "unix";

  /** A scheme and what follows it; a name and a port number look alike, and are none. */
  private static final Pattern WITH_SCHEME =
      Pattern.compile("(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):(?!\\d+$)(?<rest>.*)");

  /** "//authority/name", "///name" or "name". */
  private static final Pattern DNS_NAME =
      Pattern.compile("(?<authority>//[^/]*/)?/?(?<name>[^/]*)");

  Target {
    servers = List.copyOf(servers);
  }

  /**
   * Parses what a user writes.
   *
   * @throws IllegalArgumentException if no client can use it; the message says what to write
   */
  static Target parse(String written) {
    String text = Objects.requireNonNull(written, "target").strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          "target: must name a server, such as \"localhost:7300\"; it is empty");
    } else if (text.contains("@")) {
      // What is before it may be a password: it is not quoted.
      throw new IllegalArgumentException(
          "target: must not hold credentials (\"@\"); set them with token() or credentials()");
    }
    Matcher withScheme = WITH_SCHEME.matcher(text);
    if (ServerList.isList(text)) {
      return of(ServerList.of(text));
    } else if (withScheme.matches() && isScheme(text, withScheme.group("scheme"))) {
      return withScheme(text, withScheme.group("scheme"), withScheme.group("rest"));
    }
    ServerAddress server = ServerAddress.parse(text);
    return new Target(server.toString(), dns("///", server), List.of(server), false);
  }

  /** Whether a text begins with a scheme rather than with a host or an IPv6 address. */
  private static boolean isScheme(String text, String scheme) {
    return text.startsWith(scheme + "://") || resolves(scheme);
  }

  private static boolean resolves(String scheme) {
    return NameResolverRegistry.getDefaultRegistry().getProviderForScheme(scheme) != null;
  }

  private static Target withScheme(String text, String scheme, String rest) {
    if (!resolves(scheme)) {
      throw new IllegalArgumentException(
          "target: the client speaks gRPC and takes no \""
              + scheme
              + "://\" URL; write \""
              + ServerAddress.parse(authority(rest))
              + "\"");
    } else if (scheme.equals(ServerListResolverProvider.SCHEME)) {
      return of(ServerList.ofPath(path(text)));
    } else if (scheme.equals(DNS)) {
      return ofDns(text, rest);
    }
    return new Target(text, text, List.of(), false);
  }

  private static String authority(String rest) {
    return rest.replaceFirst("^//", "").replaceFirst("[/?#].*", "");
  }

  private static Target of(ServerList list) {
    return new Target(list.toString(), list.toTarget(), list.servers(), true);
  }

  /** All addresses of one name. */
  private static Target ofDns(String text, String rest) {
    Matcher parts = DNS_NAME.matcher(rest.replace("%5B", "[").replace("%5D", "]"));
    if (!parts.matches()) {
      throw ServerAddress.invalid(text, "must be \"dns:///host:port\"");
    }
    ServerAddress server = ServerAddress.parse(parts.group("name"));
    String authority = parts.group("authority") == null ? "///" : parts.group("authority");
    return new Target(
        DNS + ":" + authority + server, dns(authority, server), List.of(server), true);
  }

  private static String dns(String authority, ServerAddress server) {
    return DNS + ":" + authority + server.encoded();
  }

  private static @Nullable String path(String text) {
    try {
      return new URI(text).getPath();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("target: " + e.getMessage(), e);
    }
  }

  /** Whether all traffic to the target stays on this machine. */
  boolean isThisMachine() {
    return grpc.startsWith(UNIX + ":")
        || (!servers.isEmpty() && servers.stream().allMatch(ServerAddress::isThisMachine));
  }

  @Override
  public String toString() {
    return text;
  }
}
