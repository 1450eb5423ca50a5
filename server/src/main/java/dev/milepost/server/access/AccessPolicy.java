package dev.milepost.server.access;

import static dev.milepost.server.access.Role.ADMIN;
import static dev.milepost.server.access.Role.OPERATOR;
import static dev.milepost.server.access.Role.USER;
import static dev.milepost.server.access.Role.WORKER;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Who may do what: the one place that decides it. Pure, and closed by default: a call that is not
 * in the table is refused to everybody.
 */
public final class AccessPolicy {
  private static final Set<Role> OWNERS = Set.of(USER, OPERATOR, ADMIN);
  private static final Set<Role> CLAIMERS = Set.of(WORKER, ADMIN);

  /** Whoever holds an attempt's token may use it: the token is the permission. */
  private static final Set<Role> TOKEN_HOLDERS = Set.of(USER, WORKER, OPERATOR, ADMIN);

  private static final Map<String, Set<Role>> TABLE = table();

  private static final Set<String> PUBLIC =
      Set.of(
          "grpc.health.v1.Health/Check",
          "grpc.health.v1.Health/List",
          "grpc.health.v1.Health/Watch",
          "grpc.reflection.v1.ServerReflection/ServerReflectionInfo");

  private static Map<String, Set<Role>> table() {
    Map<String, Set<Role>> table = new HashMap<>();
    for (String method :
        new String[] {
          "CreateJob", "CreateJobs", "GetJob", "BatchGetJobs", "ListJobs", "CountJobs", "UpdateJob",
              "CancelJob",
          "CancelJobs", "RetryJob", "DeleteJob", "CleanupJobs", "WaitJob", "WatchJob", "WatchJobs",
              "ListJournal",
          "GetProgress", "GetOutcome", "ListItems", "RetryFailedItems"
        }) {
      table.put("milepost.v1.JobService/" + method, OWNERS);
    }
    table.put("milepost.v1.WorkerService/ClaimJobs", CLAIMERS);
    for (String method :
        new String[] {
          "Report",
          "ReportStream",
          "Heartbeat",
          "CompleteJob",
          "FailJob",
          "ConfirmCancel",
          "ReleaseJob"
        }) {
      table.put("milepost.v1.WorkerService/" + method, TOKEN_HOLDERS);
    }
    return Map.copyOf(table);
  }

  /** Whether a call needs no caller: what tells whether and how the server can be spoken to. */
  public boolean isPublic(String method) {
    return PUBLIC.contains(method);
  }

  /** Whether anybody at all may make a call. */
  public boolean isKnown(String method) {
    return isPublic(method) || TABLE.containsKey(method);
  }

  /**
   * Lets a caller make a call, whatever it is about.
   *
   * @param method full name: {@code milepost.v1.JobService/GetJob}
   * @throws AccessException.PermissionDenied where none of its roles allows it
   */
  public void requireCall(Caller caller, String method) {
    Set<Role> allowed = TABLE.getOrDefault(method, Set.of());
    if (caller.roles().stream().noneMatch(allowed::contains)) {
      throw new AccessException.PermissionDenied(
          allowed.isEmpty()
              ? "Nobody may call " + method + "."
              : "To call "
                  + method
                  + " one needs a role out of "
                  + allowed.stream().sorted().toList()
                  + ".");
    }
  }

  /** Whether a caller may see a job. What it may not see does not exist for it. */
  public boolean maySee(Caller caller, Job job) {
    if (caller.is(ADMIN)) {
      return true;
    }
    boolean sameTenant = caller.tenantId().equals(job.getTenantId());
    return sameTenant
        && (caller.is(OPERATOR) || (caller.is(USER) && caller.userId().equals(job.getUserId())));
  }

  /** Whether a caller may know that a job exists because it could have claimed it. */
  public boolean mayWorkOn(Caller caller, Job job) {
    return caller.is(ADMIN) || (caller.is(WORKER) && caller.tenantId().equals(job.getTenantId()));
  }

  /**
   * The owner of a job that a caller creates.
   *
   * @param requested user that the caller names; empty: itself
   * @throws AccessException.PermissionDenied where it may not create for somebody else
   */
  public String ownerFor(Caller caller, String requested) {
    if (requested.isEmpty() || requested.equals(caller.userId())) {
      return caller.userId();
    }
    if (!caller.is(OPERATOR) && !caller.is(ADMIN)) {
      throw new AccessException.PermissionDenied(
          "Only an OPERATOR or ADMIN creates jobs for somebody else.");
    }
    return requested;
  }

  /**
   * The tenant that a call is about.
   *
   * @param requested tenant that the caller names; empty: its own
   * @throws AccessException.PermissionDenied where it may not name another
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
   * Narrows a filter to what the caller may see: a USER's to its own jobs, an OPERATOR's to its
   * tenant. Who asks for somebody else's jobs is refused, whether there are any or not.
   *
   * @throws AccessException.PermissionDenied where it names a foreign tenant or user
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
          "Only an OPERATOR or ADMIN sees the jobs of somebody else.");
    }
    return narrowed.setUserId(caller.userId()).build();
  }
}
