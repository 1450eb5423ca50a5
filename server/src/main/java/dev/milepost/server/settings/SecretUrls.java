package dev.milepost.server.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** What may be shown of a URL that may have a password. */
final class SecretUrls {
  private static final Pattern SCHEME = Pattern.compile("postgresql|rediss?|grpcs?|https?");

  private SecretUrls() {}

  /**
   * Returns a URL with {@code ***} for credentials, without parameters, and with {@code ...} for
   * what follows the host of a store. Of a URL that is not well-formed it returns nothing but
   * {@code ...}: a password could be anywhere in it.
   */
  static String withoutSecrets(String url) {
    if (url.isEmpty() || url.equals("memory:") || url.matches("sqlite:[^?@]*")) {
      return url;
    }
    try {
      URI uri = new URI(url);
      String rest = url.substring(url.indexOf("//") + 2).replaceFirst("^[^/?#]*", "");
      if (uri.getHost() == null
          || !SCHEME.matcher(uri.getScheme()).matches()
          || rest.contains("@")
          || uri.getRawFragment() != null) {
        return "...";
      }
      return uri.getScheme()
          + "://"
          + (uri.getRawUserInfo() == null ? "" : "***@")
          + uri.getHost()
          + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
          + (uri.getScheme().startsWith("http") ? uri.getRawPath() : "/...");
    } catch (URISyntaxException e) {
      return "...";
    }
  }
}
