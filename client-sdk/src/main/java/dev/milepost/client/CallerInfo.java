package dev.milepost.client;

import dev.milepost.v1.CredentialType;
import dev.milepost.v1.GetCallerResponse;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The caller as the server knows it: the generated message with the types of Java. Immutable.
 *
 * @see JobClient#caller()
 */
public final class CallerInfo {
  private final GetCallerResponse message;

  private CallerInfo(GetCallerResponse message) {
    this.message = message;
  }

  /** Reads the generated message. */
  public static CallerInfo of(GetCallerResponse message) {
    return new CallerInfo(message);
  }

  /** Returns the generated message. */
  public GetCallerResponse toProto() {
    return message;
  }

  /** Returns the tenant of the credential, never empty. */
  public String tenantId() {
    return message.getTenantId();
  }

  /** Returns the user within the tenant, never empty. */
  public String userId() {
    return message.getUserId();
  }

  /** Returns the roles that this client knows; none with a share token. */
  public Set<Role> roles() {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    message.getRolesList().forEach(role -> Role.of(role).ifPresent(roles::add));
    return roles;
  }

  /** Returns what proves who the client is. */
  public CredentialType credentialType() {
    return message.getCredentialType();
  }

  /** Returns when the credential expires; empty if it does not. */
  public Optional<Instant> expireTime() {
    return Times.present(message.hasExpireTime(), message.getExpireTime()).map(Times::instant);
  }

  /**
   * Returns whether the caller may make a call. What it reaches there depends on its roles.
   *
   * @param method name of the method, such as {@code CancelJob}, or its full name, such as {@code
   *     milepost.v1.JobService/CancelJob}
   */
  public boolean may(String method) {
    return message.getPermissionsList().stream()
        .map(permission -> permission.getMethod())
        .anyMatch(name -> name.equals(method) || name.endsWith('/' + method));
  }

  /** Returns the user and the tenant. */
  @Override
  public String toString() {
    return userId() + " of " + tenantId();
  }
}
