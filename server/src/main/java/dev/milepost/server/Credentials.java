package dev.milepost.server;

import dev.milepost.server.access.ApiTokens;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.AuthenticatorChain;
import dev.milepost.server.access.ClientCertificates;
import dev.milepost.server.access.CredentialKind;
import dev.milepost.server.access.CredentialSetupException;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.JwtOptions;
import dev.milepost.server.access.JwtRoles;
import dev.milepost.server.access.JwtTokens;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenChanges;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.Names;
import dev.milepost.server.settings.AuthSettings;
import dev.milepost.server.settings.JwtSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import io.grpc.ServerCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * The accepted credentials of callers and the server's own identity. Files are reloaded on their
 * own thread when they change.
 */
final class Credentials implements AutoCloseable {
  private final ScheduledThreadPoolExecutor thread;
  private final AuthSettings settings;
  private final List<CredentialKind> kinds = new ArrayList<>();
  private final List<Runnable> closings = new ArrayList<>();
  private final Optional<ServerIdentity> identity;
  private final Optional<ServerCredentials> serverCredentials;

  private Credentials(Settings all, TimeSource time, TokenChanges changes) {
    this.settings = all.auth();
    this.thread =
        new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-credentials"));
    settings
        .tokens()
        .ifPresent(
            file -> {
              ApiTokens tokens = new ApiTokens(file, time, changes);
              kinds.add(tokens);
              reloadPeriodically(tokens::reload);
            });
    settings.jwt().ifPresent(jwt -> add(jwt, time));
    settings
        .certificates()
        .ifPresent(
            set -> {
              requireName("milepost.auth.client-certificates.tenant", set.tenant());
              kinds.add(new ClientCertificates(set.name(), set.tenant(), roles(set.roles())));
            });
    if (settings.development()) {
      kinds.add(new DevelopmentAuthenticator());
    }
    this.identity = ServerIdentity.of(all);
    identity.ifPresent(own -> reloadPeriodically(own::reload));
    this.serverCredentials = identity.map(ServerIdentity::credentials);
  }

  private void add(JwtSettings jwt, TimeSource time) {
    JwtOptions options =
        new JwtOptions(
            jwt.issuer(),
            jwt.audience(),
            jwt.clockSkew(),
            jwt.userClaim(),
            jwt.tenantClaim(),
            jwt.tenant(),
            new JwtRoles(
                jwt.rolesClaim(),
                jwt.rolePrefix(),
                jwt.roleMap().entrySet().stream()
                    .collect(
                        Collectors.toMap(
                            Map.Entry::getKey, mapped -> Role.valueOf(mapped.getValue())))),
            jwt.maxLifetime(),
            Set.copyOf(jwt.types()));
    requireName("milepost.auth.jwt.tenant", jwt.tenant());
    JwtTokens tokens;
    if (jwt.keys().jwksUrl().isPresent()) {
      tokens =
          JwtTokens.fromUrl(
              options, jwt.keys().jwksUrl().get(), jwt.refresh(), jwt.minRefresh(), time);
    } else if (jwt.keys().jwksFile().isPresent()) {
      tokens = JwtTokens.fromFile(options, jwt.keys().jwksFile().get(), time);
    } else {
      byte[] secret = secret(jwt.keys().secretFile().orElseThrow());
      tokens = JwtTokens.fromSecret(options, secret, time);
    }
    kinds.add(tokens);
    reloadPeriodically(tokens::reload);
    closings.add(tokens::close);
  }

  private static void requireName(String setting, String tenant) {
    if (!tenant.isEmpty() && !Names.isName(tenant)) {
      throw new CredentialSetupException("The setting " + setting + " must be " + Names.RULE + ".");
    }
  }

  private static Set<Role> roles(List<String> names) {
    return names.stream().map(Role::valueOf).collect(Collectors.toSet());
  }

  /** Returns the content of a file without trailing whitespace. */
  private static byte[] secret(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .stripTrailing()
          .getBytes(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CredentialSetupException(
          "The file " + file + " with the secret for HS256 cannot be read.");
    }
  }

  /**
   * Reads all configured credentials.
   *
   * @param changes notified of API tokens that change later
   * @throws SettingsException if one cannot be used
   */
  static Credentials open(Settings settings, TimeSource time, TokenChanges changes) {
    try {
      return new Credentials(settings, time, changes);
    } catch (CredentialSetupException e) {
      throw new SettingsException(String.valueOf(e.getMessage()));
    }
  }

  private void reloadPeriodically(Runnable reload) {
    long nanos = settings.reload().toNanos();
    var unused = thread.scheduleWithFixedDelay(reload, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Returns what authenticates calls by these credentials.
   *
   * @param always a kind that needs no setting
   */
  Authenticator authenticator(CredentialKind always, TimeSource time) {
    List<CredentialKind> all = new ArrayList<>();
    all.add(always);
    all.addAll(kinds);
    return new AuthenticatorChain(all, time);
  }

  /** Returns the server's identity for HTTP, which follows the same files; empty: no TLS. */
  Optional<SSLContext> context() {
    return identity.map(ServerIdentity::context);
  }

  /** Returns the server's identity; empty: no TLS. */
  Optional<ServerCredentials> server() {
    return serverCredentials;
  }

  /**
   * Returns when the first certificate of the server's chain expires, in seconds since the epoch;
   * NaN without TLS.
   */
  double certificateExpiry() {
    return identity.map(own -> (double) own.expiry().getEpochSecond()).orElse(Double.NaN);
  }

  @Override
  public void close() {
    closings.forEach(Runnable::run);
    thread.shutdownNow();
  }
}
