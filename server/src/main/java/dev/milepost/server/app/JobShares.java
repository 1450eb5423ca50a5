package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.access.ShareTokens;
import dev.milepost.server.access.SharedJob;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.NewShare;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.ShareRules;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ShareRecord;
import dev.milepost.v1.JobShare;
import dev.milepost.v1.ListSharesResponse;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.UnshareJobResponse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Shares the progress of a job with the bearers of a token, and reads jobs for them. Thread-safe.
 */
@Singleton
public final class JobShares {
  private static final int ID_BYTES = 8;
  private static final int MAX_LABEL_CHARS = 128;
  private static final int MAX_ID_CHARS = 64;

  private final JobAccess access;
  private final JobStore store;
  private final JobRules rules;
  private final ShareTokens tokens;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  @Inject
  JobShares(
      JobAccess access, JobStore store, JobRules rules, ShareTokens tokens, InstantSource clock) {
    this.access = access;
    this.store = store;
    this.rules = rules;
    this.tokens = tokens;
    this.clock = clock;
  }

  /** Creates a share of a job. */
  public CompletionStage<ShareJobResponse> share(Caller caller, ShareJobRequest request) {
    FieldChecks violations = new FieldChecks();
    violations.duration(
        "lifetime",
        request.hasLifetime() ? request.getLifetime() : Times.duration(ShareRules.DEFAULT_LIFETIME),
        ShareRules.MIN_LIFETIME.toSeconds(),
        ShareRules.MAX_LIFETIME.toSeconds());
    violations.line("label", request.getLabel(), MAX_LABEL_CHARS);
    JobValidation.requestId(violations, request.getRequestId());
    violations.orThrow();
    NewShare share =
        new NewShare(
            nextId(),
            caller.userId(),
            request.getLabel(),
            request.hasLifetime()
                ? Times.duration(request.getLifetime())
                : ShareRules.DEFAULT_LIFETIME,
            request.getRequestId());
    return access
        .change(
            caller,
            request.getJobId(),
            (current, now) -> {
              ShareRules.Shared shared = rules.share(current, share, now);
              return Decision.of(shared.decision(), shared.share());
            })
        .thenApply(
            shared ->
                ShareJobResponse.newBuilder()
                    .setToken(
                        tokens.issue(
                            JobAccess.key(caller, request.getJobId()),
                            shared.getId(),
                            Times.instant(shared.getExpireTime())))
                    .setShare(shown(shared))
                    .build());
  }

  /** Lists the shares of a job that have not expired. */
  public CompletionStage<ListSharesResponse> list(Caller caller, String jobId) {
    return access
        .read(caller, jobId)
        .thenApply(
            job ->
                ListSharesResponse.newBuilder()
                    .addAllShares(
                        ShareRules.live(job, clock.instant()).stream()
                            .map(JobShares::shown)
                            .toList())
                    .build());
  }

  /** Revokes shares of a job. */
  public CompletionStage<UnshareJobResponse> unshare(Caller caller, UnshareJobRequest request) {
    FieldChecks violations = new FieldChecks();
    violations.check(
        request.getAll() == request.getShareId().isEmpty(),
        "share_id",
        "must be set, or all, and not both");
    violations.atMost("share_id", request.getShareId(), MAX_ID_CHARS);
    violations.orThrow();
    return access.change(
        caller,
        request.getJobId(),
        (current, now) -> {
          long revoked =
              ShareRules.live(current, now.now()).stream()
                  .filter(share -> request.getAll() || share.getId().equals(request.getShareId()))
                  .count();
          return Decision.of(
              rules.unshare(current, request.getShareId(), now),
              UnshareJobResponse.newBuilder().setCount((int) revoked).build());
        });
  }

  /**
   * Reads a job for a caller that wants its progress: one that can see it, or the bearer of a token
   * that shares it.
   *
   * @return fails with {@link ShareTokens#invalid()} if a share is revoked or its job is gone: its
   *     bearer cannot tell which
   */
  CompletionStage<JobRecord> read(Caller caller, String jobId) {
    if (caller.share().isEmpty()) {
      return access.read(caller, jobId);
    }
    SharedJob shared = caller.share().get();
    JobKey key = JobAccess.key(caller, jobId);
    if (!shared.jobId().equals(jobId)) {
      throw new Refusal.JobNotFound(jobId);
    }
    return store
        .get(List.of(key))
        .thenApply(
            found -> {
              JobRecord job = found.jobs().stream().findFirst().orElseThrow(ShareTokens::invalid);
              require(caller, job);
              return job;
            });
  }

  /**
   * Requires that a caller which has opened a watch of a job's progress may still see the job as it
   * is now. The credential itself is checked elsewhere.
   *
   * @throws dev.milepost.server.access.AccessException.Unauthenticated if its share is revoked
   */
  public void require(Caller caller, JobRecord job) {
    caller
        .share()
        .ifPresent(
            shared -> {
              if (!ShareRules.isLive(job, shared.shareId(), clock.instant())
                  || rules.timers().isExpired(job, clock.instant())) {
                throw ShareTokens.invalid();
              }
            });
  }

  /** Returns why a watch has failed, as its caller may learn it. */
  public static Throwable shownTo(Caller caller, Throwable reason) {
    boolean tellsOfJob =
        reason instanceof Refusal.JobNotFound || reason instanceof Refusal.JobUnreadable;
    return tellsOfJob && caller.share().isPresent() ? ShareTokens.invalid() : reason;
  }

  private static JobShare shown(ShareRecord share) {
    return JobShare.newBuilder()
        .setShareId(share.getId())
        .setLabel(share.getLabel())
        .setCreateTime(share.getCreateTime())
        .setExpireTime(share.getExpireTime())
        .setCreatedBy(share.getCreatedBy())
        .build();
  }

  private String nextId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
