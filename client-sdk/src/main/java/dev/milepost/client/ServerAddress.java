package dev.milepost.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where one server listens.
 *
 * @param host a name in lower case, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
record ServerAddress(String host, int port) {
  /** The port of a server whose port is not named. */
  static final int DEFAULT_PORT = 7300;

  private static final int MAX_PORT = 65_535;

  /** "host", "host:port", "[address]" or "[address]:port". */
  private static final Pattern TEXT =
      Pattern.compile("(?:\\[(?<bracketed>[^\\[\\]]*)]|(?<host>[^:\\[\\]]*))(?::(?<port>\\d*))?");

  /** What gRPC can look up: labels of letters, digits and hyphens. */
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\\.?");

  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]+(%[\\w.-]+)?");

  private static final Pattern SECRET = Pattern.compile("\\s*(mlp_|mls_|eyJ|(?i:bearer\\s))");
  private static final int MAX_QUOTED = 100;

  /** Addresses that a server listens on, but that no client can connect to. */
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

  /**
   * Parses "host" or "host:port". An IPv6 address needs no brackets; the number after its last
   * colon is taken for the port if the rest is an address, as servers do.
   *
   * @throws IllegalArgumentException if it is neither; the message quotes the text
   */
  static ServerAddress parse(String text) {
    if (SECRET.matcher(text).lookingAt()) {
      throw invalid(text, "must be a server");
    }
    String lower = text.strip().toLowerCase(Locale.ROOT);
    ServerAddress unbracketed = ofIpv6(lower);
    if (unbracketed != null) {
      return unbracketed.checked(text);
    }
    Matcher parts = TEXT.matcher(lower);
    if (!parts.matches()) {
      throw invalid(text, "must be host or host:port");
    }
    String bracketed = parts.group("bracketed");
    if (bracketed != null && !isIpv6(bracketed)) {
      throw invalid(text, "must have an IPv6 address between its brackets");
    }
    String host = bracketed == null ? parts.group("host") : bracketed;
    String port = parts.group("port");
    return new ServerAddress(host, port == null ? DEFAULT_PORT : port(port)).checked(text);
  }

  private static @Nullable ServerAddress ofIpv6(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || text.indexOf(':') == colon) {
      return null;
    } else if (isIpv6(text.substring(0, colon)) && text.substring(colon + 1).matches("\\d+")) {
      return new ServerAddress(text.substring(0, colon), port(text.substring(colon + 1)));
    }
    return isIpv6(text) ? new ServerAddress(text, DEFAULT_PORT) : null;
  }

  /** Returns the number; 0, which no address has, if it is none. */
  private static int port(String digits) {
    return digits.matches("0*\\d{1,5}") ? Integer.parseInt(digits) : 0;
  }

  private ServerAddress checked(String text) {
    if (port < 1 || port > MAX_PORT) {
      throw invalid(text, "must have a port from 1 to 65535");
    } else if (host.isEmpty()) {
      throw invalid(text, "must name a host before the port");
    } else if (WILDCARDS.contains(host)) {
      throw invalid(
          text, "must name a host: servers listen on " + host + ", clients cannot use it");
    } else if (!host.contains(":") && !NAME.matcher(host).matches()) {
      throw invalid(text, "must have a host of letters, digits, hyphens and dots");
    }
    return this;
  }

  static IllegalArgumentException invalid(String text, String rule) {
    return new IllegalArgumentException(
        "target: " + quoted(text) + " " + rule + ", such as \"localhost:" + DEFAULT_PORT + "\"");
  }

  /** Quotes a text, but nothing that may be a secret, and no control characters. */
  private static String quoted(String text) {
    if (SECRET.matcher(text).lookingAt()) {
      return "the value, which looks like a token,";
    }
    String shown = text.replaceFirst("(?s)[?#&=].*", "...").replaceAll("[^\\x20-\\x7e]", "?");
    return "\"" + (shown.length() > MAX_QUOTED ? shown.substring(0, MAX_QUOTED) : shown) + "\"";
  }

  private static boolean isIpv6(String text) {
    return text.contains(":") && IPV6.matcher(text).matches() && literal(text) != null;
  }

  /** Returns the address that a text with colons or of digits is; null if it is none. */
  private static @Nullable InetAddress literal(String text) {
    try {
      // In brackets, nothing else is accepted, and nothing is looked up.
      return InetAddress.getByName("[" + text.replaceFirst("%.*", "") + "]");
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Whether all traffic to the server stays on this machine. */
  boolean isThisMachine() {
    if (host.contains(":")) {
      InetAddress address = literal(host);
      return address != null && address.isLoopbackAddress();
    }
    return host.matches("localhost\\.?|127(\\.\\d{1,3}){3}");
  }

  /** Returns "host:port" as it is written in a URI. */
  String encoded() {
    return toString().replace("%", "%25").replace("[", "%5B").replace("]", "%5D");
  }

  /** "host:port", with an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
