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
 * What a webhook must look like.
 *
 * <p>A host that is a name says nothing about its addresses: those are looked at again before each
 * try. Here only what is wrong on its face is turned away, so that its author hears of it at once.
 */
final class WebhookValidation {
  /** Announces a secret whose bytes are written in Base64, as Standard Webhooks has it. */
  static final String ENCODED_SECRET = "whsec_";

  private static final int MAX_URL = 2_048;
  private static final String URL = "spec.webhook.url";
  private static final Pattern PLAIN_IPV4 =
      Pattern.compile(
          "(OCTET\\.){3}OCTET".replace("OCTET", "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));

  /** Resolvers read such a host as an address, written in ways that no rule should have to know. */
  private static final Pattern ENDS_IN_A_NUMBER =
      Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

  private WebhookValidation() {}

  static void webhook(FieldChecks violations, Webhook webhook) {
    url(violations, webhook.getUrl());
    secret(violations, webhook.getSecret());
    webhook
        .getStatesList()
        .forEach(state -> violations.known("spec.webhook.states", JobFilters.isJobState(state)));
  }

  private static void url(FieldChecks violations, String text) {
    URI url = parse(text);
    if (url == null || text.length() > MAX_URL) {
      violations.check(false, URL, "must be an https URL of at most " + MAX_URL + " characters");
      return;
    }
    violations.check(url.getRawUserInfo() == null, URL, "must not carry a user or a password");
    violations.check(url.getRawFragment() == null, URL, "must not have a fragment");
    violations.check(
        mayBeReached(url.getHost()),
        URL,
        "must lead to a host of the public internet, named or by its plain address");
  }

  /** Null where it is no URL that a webhook can have. */
  private static @Nullable URI parse(String text) {
    try {
      URI url = new URI(text);
      boolean isTaken =
          "https".equals(url.getScheme())
              || ("http".equals(url.getScheme()) && isThisMachine(url.getHost()));
      return isTaken && url.getHost() != null && url.getPort() <= 65_535 && url.getPort() != 0
          ? url
          : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** Whether this machine may be told over http is the server's setting, and not known here. */
  private static boolean isThisMachine(@Nullable String host) {
    if (host == null) {
      return false;
    }
    if (host.toLowerCase(Locale.ROOT).equals("localhost")) {
      return true;
    }
    InetAddress address = literal(host);
    return address != null && address.isLoopbackAddress();
  }

  private static boolean mayBeReached(String host) {
    InetAddress address = literal(host);
    if (address == null) {
      return !host.startsWith("[") && !ENDS_IN_A_NUMBER.matcher(host).matches();
    }
    return address.isLoopbackAddress() || PublicAddresses.contain(address);
  }

  /** The address that a host is, without looking anything up; null where it is a name. */
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
    if (secret.startsWith(ENCODED_SECRET)) {
      violations.check(
          isBase64(secret.substring(ENCODED_SECRET.length())),
          "spec.webhook.secret",
          "must be Base64 after " + ENCODED_SECRET);
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
