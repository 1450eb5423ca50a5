package dev.milepost.server.job;

import dev.milepost.v1.Webhook;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks webhooks.
 *
 * <p>Host names are resolved and their addresses checked before each try. This check only refuses
 * what is invalid by itself, so that its author learns about it immediately.
 */
final class WebhookValidation {
  /** Prefix of a secret in Base64, as in Standard Webhooks. */
  static final String BASE64_PREFIX = "whsec_";

  private static final int MAX_URL = 2_048;
  private static final String URL = "spec.webhook.url";
  private static final Pattern PLAIN_IPV4 =
      Pattern.compile(
          "(OCTET\\.){3}OCTET".replace("OCTET", "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));

  /** Resolvers take such a host for an address, in one of many notations. */
  private static final Pattern ENDS_IN_A_NUMBER =
      Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

  private WebhookValidation() {}

  static void webhook(FieldChecks violations, Webhook webhook) {
    url(violations, webhook.getUrl());
    secret(violations, webhook.getSecret());
    JobFilters.states(violations, "spec.webhook.states", webhook.getStatesList());
  }

  private static void url(FieldChecks violations, String text) {
    URI url = parse(text);
    if (url == null || Texts.isLonger(text, MAX_URL)) {
      violations.check(false, URL, "must be an https URL of at most " + MAX_URL + " characters");
      return;
    }
    violations.check(url.getRawUserInfo() == null, URL, "must not contain a user or a password");
    violations.check(url.getRawFragment() == null, URL, "must not have a fragment");
    violations.check(
        isReachable(url.getHost()),
        URL,
        "must have a host on the public internet: a name, or an address in plain notation");
  }

  /** Returns null if the text is not a URL that a webhook may have. */
  private static @Nullable URI parse(String text) {
    try {
      URI url = new URI(text);
      boolean isAllowed =
          "https".equalsIgnoreCase(url.getScheme())
              || ("http".equalsIgnoreCase(url.getScheme()) && isThisMachine(url.getHost()));
      return isAllowed && url.getHost() != null && url.getPort() <= 65_535 && url.getPort() != 0
          ? url
          : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /**
   * Requires that a webhook does not lead to the server's own machine.
   *
   * @throws Refusal.InvalidArgument if it does, by its address or by a name that always means it
   */
  static void requireElsewhere(Webhook webhook) {
    URI url = parse(webhook.getUrl());
    if (url != null && isThisMachine(url.getHost())) {
      throw new Refusal.InvalidArgument(
          URL,
          "must not lead to the server's own machine, which this server does not allow"
              + " (milepost.webhooks.loopback)");
    }
  }

  private static boolean isThisMachine(@Nullable String host) {
    if (host == null) {
      return false;
    }
    // RFC 6761: these names never mean another machine.
    String name = host.toLowerCase(Locale.ROOT);
    if (name.matches("(.*\\.)?localhost\\.?")) {
      return true;
    }
    InetAddress address = literal(host);
    return address != null && address.isLoopbackAddress();
  }

  private static boolean isReachable(String host) {
    InetAddress address = literal(host);
    if (address == null) {
      return !host.startsWith("[") && !ENDS_IN_A_NUMBER.matcher(host).matches();
    }
    return address.isLoopbackAddress() || PublicAddresses.contain(address);
  }

  /** Returns the address that a host is, without resolving it, or null if it is a name. */
  private static @Nullable InetAddress literal(String host) {
    if (!host.startsWith("[") && !PLAIN_IPV4.matcher(host).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static void secret(FieldChecks violations, String secret) {
    violations.atMost("spec.webhook.secret", secret, 256);
    if (secret.startsWith(BASE64_PREFIX)) {
      violations.check(
          isBase64(secret.substring(BASE64_PREFIX.length())),
          "spec.webhook.secret",
          "must be Base64 after " + BASE64_PREFIX);
    }
  }

  private static boolean isBase64(String text) {
    try {
      return Base64.getDecoder().decode(text).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
