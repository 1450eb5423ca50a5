package dev.milepost.server.access;

import static dev.milepost.server.access.Role.ADMIN;
import static dev.milepost.server.access.Role.OPERATOR;

import dev.milepost.server.access.Permission.Subject;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.util.Arrays;
import java.util.Map;

/**
 * Decides who may do what; the only place that does. Pure, and closed by default: a call that is
 * not in the table is refused to everybody.
 */
public final class AccessPolicy {
  /** Header by which an ADMIN names the tenant that a call is about. */
  public static final String TENANT_HEADER = "x-milepost-tenant";

  private static final Map<String, Permission> TABLE = Permission.byMethod();

  /** Whether a call needs no caller: what tells whether and how the server can be spoken to. */
  public boolean isPublic(String method) {
    Permission row = TABLE.get(method);
    return row != null && row.subject() == Subject.SERVER;
  }

  /** Whether anybody at all may make a call. */
  public boolean isKnown(String method) {
    return TABLE.containsKey(method);
  }

  /** Whether a call changes anything. */
  public boolean mutates(String method) {
    Permission row = TABLE.get(method);
    return row != null && row.mutates();
  }

  /** Returns whether a call is audited: it changes something or reveals secrets. */
  public boolean isAudited(String method) {
    Permission row = TABLE.get(method);
    return row != null && (row.mutates() || row.subject() == Subject.STORE);
  }

  /**
   * Lets a caller make a call, whatever it is about.
   *
   * @param method full name: {@code milepost.v1.JobService/GetJob}
   * @throws AccessException.PermissionDenied if none of its roles allows it
   */
  public void requireCall(Caller caller, String method) {
    Permission row = TABLE.get(method);
    if (row == null) {
      throw new AccessException.PermissionDenied("The method " + method + " is not allowed.");
    }
    if (row.subject().of(caller) == Reach.NONE) {
      throw new AccessException.PermissionDenied(
          "To call "
              + method
              + " one needs a role out of "
              + Arrays.stream(Role.values())
                  .filter(role -> row.subject().of(role) != Reach.NONE)
                  .toList()
              + ".");
    }
  }

  /** Whether a caller may see a job. What it may not see does not exist for it. */
  public boolean maySee(Caller caller, Job job) {
    return reaches(Subject.JOBS, caller, job);
  }

  /** Whether a caller may report on a job, if it holds its token. */
  public boolean mayReport(Caller caller, Job job) {
    return reaches(Subject.ATTEMPTS, caller, job);
  }

  private static boolean reaches(Subject subject, Caller caller, Job job) {
    boolean sameTenant = caller.tenantId().equals(job.getTenantId());
    return switch (subject.of(caller)) {
      case NONE -> false;
      case OWN -> sameTenant && caller.userId().equals(job.getUserId());
      case TENANT -> sameTenant;
      case ALL -> true;
    };
  }

  /**
   * The caller at home in the tenant that it names, so that a job there can be named by its id
   * alone. It acts there as {@code tenant user}, which no credential can name, as names have no
   * blanks: an ADMIN is no user of the tenant that happens to have the same name, and shares no
   * request ids and no tokens with one.
   *
   * @param requested tenant that the caller names; empty: its own
   * @throws AccessException.PermissionDenied if it may not name another
   */
  public Caller home(Caller caller, String requested) {
    String tenant = tenantFor(caller, requested);
    return tenant.equals(caller.tenantId())
        ? caller
        : caller.as(tenant, caller.tenantId() + ' ' + caller.userId());
  }

  /**
   * The owner of a job that a caller creates.
   *
   * @param requested user that the caller names; empty: itself
   * @throws AccessException.PermissionDenied if it may not create jobs for other users
   */
  public String ownerFor(Caller caller, String requested) {
    if (requested.isEmpty() || requested.equals(caller.userId())) {
      return caller.userId();
    }
    if (!caller.is(OPERATOR) && !caller.is(ADMIN)) {
      throw new AccessException.PermissionDenied(
          "Only an OPERATOR or ADMIN may create jobs for other users.");
    }
    return requested;
  }

  /**
   * The tenant that a call is about.
   *
   * @param requested tenant that the caller names; empty: its own
   * @throws AccessException.PermissionDenied if it may not name another
   */
  public String tenantFor(Caller caller, String requested) {
    if (requested.isEmpty() || requested.equals(caller.tenantId())) {
      return caller.tenantId();
    }
    if (!caller.is(ADMIN)) {
      throw new AccessException.PermissionDenied("Only an ADMIN names another tenant.");
    }
    return requested;
  }

  /**
   * Whose finished jobs a caller may delete by their age. Narrower than what it may list: who
   * leaves a name out does not mean "as many as possible", and what is deleted is gone.
   *
   * @param tenantId tenant that the caller names; empty: its own if it names a user, else all
   * @param userId user that it names; empty: everybody
   * @return a filter of tenant and user
   * @throws AccessException.PermissionDenied if it names nobody and is no ADMIN, or names a foreign
   *     tenant or user
   */
  public JobFilter cleanup(Caller caller, String tenantId, String userId) {
    if (userId.isEmpty()) {
      if (!caller.is(ADMIN)) {
        throw new AccessException.PermissionDenied(
            "Only an ADMIN may clean up all owners' jobs. Set user_id.");
      }
      return JobFilter.newBuilder().setTenantId(tenantId).build();
    }
    return narrow(
        caller,
        JobFilter.newBuilder().setTenantId(tenantFor(caller, tenantId)).setUserId(userId).build());
  }

  /**
   * Narrows a filter to what the caller may see: a USER's to its own jobs, an OPERATOR's to its
   * tenant. A filter for other users' jobs is rejected, whether there are any or not.
   *
   * @throws AccessException.PermissionDenied if it names a foreign tenant or user
   */
  public JobFilter narrow(Caller caller, JobFilter filter) {
    JobFilter.Builder narrowed = filter.toBuilder();
    if (caller.is(ADMIN)) {
      return narrowed.build();
    }
    narrowed.setTenantId(tenantFor(caller, filter.getTenantId()));
    if (caller.is(OPERATOR)) {
      return narrowed.build();
    }
    if (!filter.getUserId().isEmpty() && !filter.getUserId().equals(caller.userId())) {
      throw new AccessException.PermissionDenied(
          "Only an OPERATOR or ADMIN may see the jobs of other users.");
    }
    return narrowed.setUserId(caller.userId()).build();
  }
}
