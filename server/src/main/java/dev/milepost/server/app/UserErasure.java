package dev.milepost.server.app;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.milepost.server.access.AuditEvent;
import dev.milepost.server.access.AuditLog;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.EraseUserResponse;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobState;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * Erases a user: cancels the user's running jobs if it is asked to, deletes all that do not run,
 * then has the store remove what else it keeps of the user. Each call does what fits into a few
 * seconds, and writes to the audit log what it has removed. Thread-safe.
 */
@Singleton
public final class UserErasure {
  private static final Pattern ERASURE_ID = Pattern.compile("[A-Za-z0-9-]{0,64}");
  private static final List<JobState> RUNNING =
      List.of(JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_CANCELLING);
  private static final List<JobState> DELETABLE =
      List.of(
          JobState.JOB_STATE_QUEUED,
          JobState.JOB_STATE_SUCCEEDED,
          JobState.JOB_STATE_FAILED,
          JobState.JOB_STATE_CANCELLED);

  /** Damaged jobs that one call removes. */
  private static final int MAX_UNREADABLE = 100;

  private static final String REASON = "The user is erased.";

  private final JobStore store;
  private final SlicedChange change;
  private final JobAccess access;
  private final AuditLog audit;

  @Inject
  UserErasure(JobStore store, SlicedChange change, JobAccess access, AuditLog audit) {
    this.store = store;
    this.change = change;
    this.access = access;
    this.audit = audit;
  }

  /**
   * What a user has.
   *
   * @param jobs number of jobs
   * @param running how many of them are running or cancelling
   * @param bytes their size
   */
  private record Owned(long jobs, long running, long bytes) {}

  /**
   * Erases a user, or continues.
   *
   * @param caller an ADMIN
   * @return fails with {@link Refusal.InvalidArgument}, or with {@link Refusal.UserHasRunningJobs}
   *     before anything is changed
   */
  public CompletionStage<EraseUserResponse> erase(
      Caller caller, EraseUserRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    violations.check(!request.getTenantId().isEmpty(), "tenant_id", "is required");
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    violations.check(!request.getUserId().isEmpty(), "user_id", "is required");
    JobValidation.owner(violations, "user_id", request.getUserId());
    violations.check(
        ERASURE_ID.matcher(request.getErasureId()).matches(),
        "erasure_id",
        "must be at most 64 letters, digits and hyphens");
    violations.orThrow();
    Run run = new Run(caller, access.policy().home(caller, request.getTenantId()), request, call);
    return run.owned().thenCompose(run::begin);
  }

  /** One call. */
  private final class Run {
    private final Caller caller;
    private final Caller inTenant;
    private final EraseUserRequest request;
    private final BulkCall call;
    private final String erasureId;

    Run(Caller caller, Caller inTenant, EraseUserRequest request, BulkCall call) {
      this.caller = caller;
      this.inTenant = inTenant;
      this.request = request;
      this.call = call;
      this.erasureId =
          request.getErasureId().isEmpty()
              ? UuidCreator.getTimeOrderedEpoch().toString()
              : request.getErasureId();
    }

    private JobFilter filter(List<JobState> states) {
      return JobFilter.newBuilder()
          .setTenantId(request.getTenantId())
          .setUserId(request.getUserId())
          .addAllStates(states)
          .build();
    }

    CompletionStage<Owned> owned() {
      return store
          .count(new CountQuery(filter(List.of()), Set.of(JobGroup.JOB_GROUP_STATE)))
          .thenApply(
              counts -> {
                long jobs = 0;
                long running = 0;
                long bytes = 0;
                for (JobCount count : counts) {
                  jobs += count.getCount();
                  running += RUNNING.contains(count.getState()) ? count.getCount() : 0;
                  bytes += count.getStoredBytes();
                }
                return new Owned(jobs, running, bytes);
              });
    }

    CompletionStage<EraseUserResponse> begin(Owned before) {
      if (request.getValidateOnly()) {
        return CompletableFuture.completedStage(
            response(before, before, new Erased(0, false)).build());
      }
      if (before.running() > 0 && !request.getCancelRunning()) {
        throw new Refusal.UserHasRunningJobs(request.getUserId(), before.running());
      }
      return cancelRunning(before)
          .thenCompose(cancelled -> delete(DELETABLE))
          .thenCompose(deleted -> deleteUnreadable())
          .thenCompose(deleted -> owned())
          .thenCompose(after -> forget(before, after));
    }

    private CompletionStage<?> cancelRunning(Owned before) {
      return before.running() == 0
          ? CompletableFuture.completedStage(before)
          : change.apply(
              inTenant,
              filter(List.of(JobState.JOB_STATE_RUNNING)),
              true,
              Optional.empty(),
              new JobCommand.Cancel(caller.userId(), REASON, null),
              call);
    }

    private CompletionStage<?> delete(List<JobState> states) {
      return change.apply(
          inTenant, filter(states), false, Optional.empty(), new JobCommand.Delete(""), call);
    }

    /** A job that cannot be read is in no slice: each is removed by itself. */
    private CompletionStage<?> deleteUnreadable() {
      return store
          .list(
              new JobQuery(
                  filter(List.of()),
                  false,
                  Optional.empty(),
                  MAX_UNREADABLE,
                  JobQuery.MAX_BYTES,
                  JobShape.OUTLINE))
          .thenCompose(
              page -> {
                CompletionStage<?> all = CompletableFuture.completedStage(page);
                for (UnreadableJob job : page.unreadable()) {
                  if (job.known().getUserId().equals(request.getUserId())) {
                    all =
                        all.thenCompose(
                            previous ->
                                access.change(
                                    inTenant, job.key().jobId(), new JobCommand.Delete("")));
                  }
                }
                return all;
              });
    }

    private CompletionStage<EraseUserResponse> forget(Owned before, Owned after) {
      CompletionStage<Erased> forgotten =
          after.jobs() > 0
              ? CompletableFuture.completedStage(new Erased(0, false))
              : store.eraseUser(request.getTenantId(), request.getUserId());
      return forgotten.thenApply(
          erased -> {
            EraseUserResponse response = response(before, after, erased).build();
            record(before, response);
            return response;
          });
    }

    private EraseUserResponse.Builder response(Owned before, Owned after, Erased erased) {
      return EraseUserResponse.newBuilder()
          .setErasureId(erasureId)
          .setErasedJobs(Math.max(0, before.jobs() - after.jobs()))
          .setErasedBytes(Math.max(0, before.bytes() - after.bytes()))
          .setErasedRequests(erased.requests())
          .setRemainingJobs(after.jobs())
          .setRunningJobs(after.running())
          .setRemainingBytes(after.bytes())
          .setComplete(erased.isComplete());
    }

    /** The proof of the erasure: it names the user, as a proof about a hash would prove little. */
    private void record(Owned before, EraseUserResponse response) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("erasure", erasureId);
      fields.put("tenant", caller.tenantId());
      fields.put("user", caller.userId());
      fields.put("erased_tenant", request.getTenantId());
      fields.put("erased_user", request.getUserId());
      fields.put("found_jobs", before.jobs());
      fields.put("found_bytes", before.bytes());
      fields.put("erased_jobs", response.getErasedJobs());
      fields.put("erased_requests", response.getErasedRequests());
      fields.put("remaining_jobs", response.getRemainingJobs());
      fields.put("complete", response.getComplete());
      audit.record(new AuditEvent("user_erased", fields));
    }
  }
}
