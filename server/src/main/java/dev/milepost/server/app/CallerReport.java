package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Reach;
import dev.milepost.server.access.SharedJob;
import dev.milepost.server.job.Times;
import dev.milepost.v1.CredentialType;
import dev.milepost.v1.GetCallerResponse;
import dev.milepost.v1.Permission;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Says who a caller is, and what it may do. Thread-safe. */
@Singleton
public final class CallerReport {
  private final AccessPolicy policy;

  @Inject
  public CallerReport(AccessPolicy policy) {
    this.policy = policy;
  }

  /**
   * Describes a caller.
   *
   * @param caller as its credential proves it
   */
  public GetCallerResponse of(Caller caller) {
    GetCallerResponse.Builder response =
        GetCallerResponse.newBuilder()
            .setTenantId(caller.tenantId())
            .setUserId(caller.userId())
            .setCredentialType(credentialType(caller))
            .setCredentialId(caller.credentialId())
            .setSharedJobId(caller.share().map(SharedJob::jobId).orElse(""));
    caller.roles().stream().sorted().map(CallerReport::role).forEach(response::addRoles);
    caller.expireTime().ifPresent(time -> response.setExpireTime(Times.timestamp(time)));
    policy
        .methods(caller)
        .forEach(
            (method, reach) ->
                response.addPermissions(
                    Permission.newBuilder().setMethod(method).setReach(reach(reach))));
    return response.build();
  }

  private static dev.milepost.v1.Role role(dev.milepost.server.access.Role role) {
    return switch (role) {
      case USER -> dev.milepost.v1.Role.ROLE_USER;
      case WORKER -> dev.milepost.v1.Role.ROLE_WORKER;
      case OPERATOR -> dev.milepost.v1.Role.ROLE_OPERATOR;
      case ADMIN -> dev.milepost.v1.Role.ROLE_ADMIN;
    };
  }

  private static dev.milepost.v1.Reach reach(Reach reach) {
    return switch (reach) {
      case NONE -> dev.milepost.v1.Reach.REACH_SHARED;
      case OWN -> dev.milepost.v1.Reach.REACH_OWN;
      case TENANT -> dev.milepost.v1.Reach.REACH_TENANT;
      case ALL -> dev.milepost.v1.Reach.REACH_ALL;
    };
  }

  /** The id of a credential begins with its type. */
  private static CredentialType credentialType(Caller caller) {
    String id = caller.credentialId();
    int colon = id.indexOf(':');
    return switch (id.substring(0, Math.max(0, colon))) {
      case "" -> CredentialType.CREDENTIAL_TYPE_DEVELOPMENT;
      case "token" -> CredentialType.CREDENTIAL_TYPE_API_TOKEN;
      case "jwt" -> CredentialType.CREDENTIAL_TYPE_JWT;
      case "certificate" -> CredentialType.CREDENTIAL_TYPE_CERTIFICATE;
      case "share" -> CredentialType.CREDENTIAL_TYPE_SHARE_TOKEN;
      default -> CredentialType.CREDENTIAL_TYPE_UNSPECIFIED;
    };
  }
}
