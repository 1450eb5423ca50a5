package dev.milepost.server.access;

import static dev.milepost.server.access.Role.ADMIN;
import static dev.milepost.server.access.Role.OPERATOR;

import dev.milepost.server.access.Permission.Subject;
import dev.milepost.server.job.Names;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Decides which caller may do what; no other class does. Pure, and closed by default: a call that
 * is not in the table is rejected for every caller.
 */
public final class AccessPolicy {
  /** Header by which an ADMIN names the tenant that a call is about. */
  public static final String TENANT_HEADER = "x-milepost-tenant";

  private static final Map<String, Permission> TABLE = Permission.byMethod();

  /** Returns whether a call needs no credentials, such as a health check or reflection. */
  public boolean isPublic(String method) {
    Permission row = TABLE.get(method);
    return row != null && row.subject() == Subject.SERVER;
  }

  /** Returns whether a call is in the table. */
  public boolean isKnown(String method) {
    return TABLE.containsKey(method);
  }

  /** Returns whether a call changes anything. */
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
   * Checks that a caller may make a call, regardless of its subject.
   *
   * @param method full name: {@code milepost.v1.JobService/GetJob}
   * @throws AccessException.PermissionDenied if none of the caller's roles allows it, nor its share
   *     token
   */
  public void requireCall(Caller caller, String method) {
    Permission row = TABLE.get(method);
    if (row == null) {
      throw new AccessException.PermissionDenied("The method " + method + " is not allowed.");
    }
    if (caller.share().isPresent()) {
      if (!row.subject().isShared()) {
        throw new AccessException.PermissionDenied(
            "A share token allows only GetProgress and WatchProgress of its job, and GetCaller.");
      }
      return;
    }
    if (row.subject().of(caller) == Reach.NONE) {
      throw new AccessException.PermissionDenied(
          "The method "
              + method
              + " requires one of the roles "
              + Arrays.stream(Role.values())
                  .filter(role -> row.subject().of(role) != Reach.NONE)
                  .toList()
              + ".");
    }
  }

  /**
   * Returns the methods that a caller may call, by name, and whose jobs it reaches by each; those
   * that need no credentials are left out. Of the bearer of a share token, {@link Reach#NONE}
   * stands for the job that it shares.
   */
  public SortedMap<String, Reach> methods(Caller caller) {
    SortedMap<String, Reach> methods = new TreeMap<>();
    for (Permission row : TABLE.values()) {
      Reach reach = row.subject().of(caller);
      boolean mayCall = caller.share().isPresent() ? row.subject().isShared() : reach != Reach.NONE;
      if (mayCall && row.subject() != Subject.SERVER) {
        methods.put(row.method(), reach);
      }
    }
    return methods;
  }

  /** Returns whether a caller may see and change all jobs of its tenant. */
  public boolean reachesTenant(Caller caller) {
    return Subject.JOBS.of(caller).compareTo(Reach.TENANT) >= 0;
  }

  /** Returns the only user whose jobs a caller may see; empty: it may see those of its tenant. */
  public String onlyOwner(Caller caller) {
    return reachesTenant(caller) ? "" : caller.userId();
  }

  /** Returns whether a caller may see a job; one that it may not see is reported as not found. */
  public boolean maySee(Caller caller, Job job) {
    return reaches(Subject.JOBS, caller, job);
  }

  /** Returns whether a caller may report on a job, given that it has the attempt's token. */
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
   * Returns the caller as a user of the requested tenant, whose jobs it can then identify by their
   * ids alone. Its user there is {@code tenant user}. No credential can contain that name, since
   * names contain no spaces, so an ADMIN never shares request ids or tokens with a user of that
   * tenant that has the same name.
   *
   * @param requested the requested tenant; empty: the caller's own
   * @throws Refusal.InvalidArgument if no tenant can have this name, such as those that the server
   *     keeps for itself
   * @throws AccessException.PermissionDenied if the caller may not act in that tenant
   */
  public Caller home(Caller caller, String requested) {
    if (!requested.isEmpty() && !Names.isName(requested)) {
      throw new Refusal.InvalidArgument(TENANT_HEADER, "must be " + Names.RULE);
    }
    String tenant = tenantFor(caller, requested);
    return tenant.equals(caller.tenantId())
        ? caller
        : caller.as(tenant, caller.tenantId() + ' ' + caller.userId());
  }

  /**
   * Returns the owner of a job that a caller creates.
   *
   * @param requested the requested user; empty: the caller itself
   * @throws AccessException.PermissionDenied if the caller may not create jobs for other users
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
   * Returns the tenant that a call is about.
   *
   * @param requested the requested tenant; empty: the caller's own
   * @throws AccessException.PermissionDenied if the caller may not act in that tenant
   */
  public String tenantFor(Caller caller, String requested) {
    if (requested.isEmpty() || requested.equals(caller.tenantId())) {
      return caller.tenantId();
    }
    if (!caller.is(ADMIN)) {
      throw new AccessException.PermissionDenied("Only an ADMIN may name another tenant.");
    }
    return requested;
  }

  /**
   * Narrows the filter of a clean-up. Narrower than what a caller may list, since it needs no other
   * field than an age: only an ADMIN may leave the user out.
   *
   * @param filter its tenant may be empty: the caller's own if it names a user, otherwise all
   * @throws AccessException.PermissionDenied if a caller other than an ADMIN names no user, or if
   *     it may not see the jobs of this tenant or user
   */
  public JobFilter cleanup(Caller caller, JobFilter filter) {
    if (filter.getUserId().isEmpty()) {
      if (!caller.is(ADMIN)) {
        throw new AccessException.PermissionDenied(
            "Only an ADMIN may clean up all owners' jobs. Set filter.user_id.");
      }
      return filter;
    }
    return narrow(
        caller, filter.toBuilder().setTenantId(tenantFor(caller, filter.getTenantId())).build());
  }

  /**
   * Narrows a filter to what the caller may see: a USER's to its own jobs, an OPERATOR's to its
   * tenant. A filter for jobs that it may not see is rejected, whether there are any or not.
   *
   * @throws AccessException.PermissionDenied if it names a tenant or user that the caller may not
   *     see
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
