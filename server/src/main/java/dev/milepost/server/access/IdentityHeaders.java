package dev.milepost.server.access;

import dev.milepost.server.job.Refusal;
import java.util.List;

/**
 * The headers that say who calls, and for which tenant. Each may be sent once.
 *
 * <p>A proxy that checks the first value of a repeated header, and a server that reads the last
 * one, would see two callers. Some proxies join repeated headers with a comma, so no single value
 * may contain one either.
 */
public final class IdentityHeaders {
  private static final List<String> CREDENTIALS =
      List.of(CallMetadata.AUTHORIZATION, DevelopmentAuthenticator.USER_HEADER);

  private IdentityHeaders() {}

  /**
   * Requires that no such header is repeated.
   *
   * @throws AccessException.Unauthenticated if one that identifies the caller is
   * @throws Refusal.InvalidArgument if the one that names a tenant is
   */
  public static void requireSingle(CallMetadata call) {
    for (String name : CREDENTIALS) {
      if (isRepeated(call.headers(name))) {
        throw repeated(name);
      }
    }
    // A comma separates its roles.
    if (call.headers(DevelopmentAuthenticator.ROLES_HEADER).size() > 1) {
      throw repeated(DevelopmentAuthenticator.ROLES_HEADER);
    }
    if (isRepeated(call.headers(AccessPolicy.TENANT_HEADER))) {
      throw new Refusal.InvalidArgument(
          AccessPolicy.TENANT_HEADER, "must be sent once, with one value and without a comma");
    }
  }

  private static boolean isRepeated(List<String> values) {
    return values.size() > 1 || (values.size() == 1 && values.get(0).indexOf(',') >= 0);
  }

  static AccessException repeated(String name) {
    return new AccessException.Unauthenticated(
        "The header " + name + " must be sent once, with one value.");
  }
}
