package dev.milepost.server.access;

import dev.milepost.server.job.Names;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Authenticates client certificates by a name in them (subject alternative name, URI or DNS). The
 * handshake has verified the certificate.
 */
public final class ClientCertificates implements CredentialKind {
  private static final int DNS = 2;
  private static final int URI = 6;

  private final Pattern pattern;
  private final boolean namesTenant;
  private final String tenant;
  private final Set<Role> roles;

  /**
   * Creates a kind that accepts certificates with a matching name.
   *
   * @param pattern matches a whole name; its group "user" is the user, and its group "tenant", if
   *     it has one, the tenant
   * @param tenant tenant of all callers if the pattern has no such group
   * @param roles roles of all callers
   * @throws CredentialSetupException if the pattern has no group "user"
   */
  public ClientCertificates(Pattern pattern, String tenant, Set<Role> roles) {
    if (!pattern.pattern().contains("(?<user>")) {
      throw new CredentialSetupException(
          "The pattern for client certificates needs a group (?<user>...).");
    }
    this.pattern = pattern;
    this.namesTenant = pattern.pattern().contains("(?<tenant>");
    this.tenant = tenant;
    this.roles = Set.copyOf(roles);
  }

  @Override
  public String accepted() {
    return "a client certificate";
  }

  @Override
  public boolean isPresent(CallMetadata call) {
    return !call.clientCertificates().isEmpty();
  }

  @Override
  public String presented(CallMetadata call) {
    return credentialId(call.clientCertificates().get(0));
  }

  private static String credentialId(X509Certificate certificate) {
    return "certificate:" + certificate.getSerialNumber().toString(16);
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    X509Certificate certificate = call.clientCertificates().get(0);
    List<Caller> callers =
        names(certificate)
            .map(pattern::matcher)
            .filter(Matcher::matches)
            .map(name -> caller(name, certificate))
            .distinct()
            .toList();
    if (callers.size() != 1) {
      throw new AccessException.Unauthenticated(
          callers.isEmpty()
              ? "This client certificate has no name that identifies a caller."
              : "This client certificate has names of several callers.");
    }
    return callers.get(0);
  }

  private Caller caller(Matcher name, X509Certificate certificate) {
    String user = name.group("user");
    String in = namesTenant ? name.group("tenant") : tenant;
    if (user == null || in == null || !Names.isName(user) || !Names.isName(in)) {
      throw new AccessException.Unauthenticated(
          "The user and the tenant in a client certificate must be " + Names.RULE + ".");
    }
    return new Caller(
        in,
        user,
        roles,
        Optional.of(certificate.getNotAfter().toInstant()),
        credentialId(certificate));
  }

  private static Stream<String> names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? Stream.of()
          : names.stream()
              .filter(name -> name.get(0).equals(DNS) || name.get(0).equals(URI))
              .map(name -> String.valueOf(name.get(1)));
    } catch (CertificateParsingException e) {
      return Stream.of();
    }
  }
}
