package dev.milepost.server.job;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ShareRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The shares of a job: who has a token of one may see the job's progress. Every state of a job
 * allows them, and they change nothing that callers see of the job. Pure.
 */
public final class ShareRules {
  /** Maximum number of shares of one job that have not expired. */
  public static final int MAX_SHARES = 20;

  /** Minimum time until a share expires. */
  public static final Duration MIN_LIFETIME = Duration.ofMinutes(1);

  /** Time until a share expires if the request does not say. */
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(1);

  /** Maximum time until a share expires. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(30);

  private ShareRules() {}

  /** Returns the shares of a job that have not expired, oldest first. */
  public static List<ShareRecord> live(JobRecord job, Instant now) {
    return job.getSharesList().stream().filter(isLiveAt(now)).toList();
  }

  /** Returns whether a job has a share that has not expired. */
  public static boolean isLive(JobRecord job, String shareId, Instant now) {
    return job.getSharesList().stream()
        .filter(isLiveAt(now))
        .anyMatch(share -> share.getId().equals(shareId));
  }

  private static Predicate<ShareRecord> isLiveAt(Instant now) {
    return share -> now.isBefore(Times.instant(share.getExpireTime()));
  }

  /** Returns the share that the same request has created. */
  private static Optional<ShareRecord> known(List<ShareRecord> live, NewShare share) {
    return live.stream()
        .filter(one -> !share.requestId().isEmpty() && one.getRequestId().equals(share.requestId()))
        .filter(one -> one.getCreatedBy().equals(share.createdBy()))
        .findFirst();
  }

  /**
   * Adds a share, and drops those that have expired.
   *
   * @return the share; with its id, unless an earlier call of the same request has created it
   */
  static Shared share(JobEdit edit, NewShare share) {
    List<ShareRecord> live = live(edit.current(), edit.now());
    Optional<ShareRecord> known = known(live, share);
    if (known.isPresent()) {
      requireSame(known.get(), share);
      return new Shared(edit.keep(), known.get());
    }
    if (live.size() >= MAX_SHARES) {
      throw new Refusal.TooManyShares(edit.jobId(), MAX_SHARES);
    }
    ShareRecord added =
        ShareRecord.newBuilder()
            .setId(share.id())
            .setCreatedBy(share.createdBy())
            .setLabel(share.label())
            .setRequestId(share.requestId())
            .setCreateTime(edit.time())
            .setExpireTime(Times.timestamp(edit.now().plus(share.lifetime())))
            .build();
    edit.record().clearShares().addAllShares(live).addShares(added);
    return new Shared(edit.putAround(), added);
  }

  private static void requireSame(ShareRecord known, NewShare share) {
    List<String> differing = new ArrayList<>();
    Instant expiry = Times.instant(known.getCreateTime()).plus(share.lifetime());
    if (!known.getExpireTime().equals(Times.timestamp(expiry))) {
      differing.add("lifetime");
    }
    if (!known.getLabel().equals(share.label())) {
      differing.add("label");
    }
    if (!differing.isEmpty()) {
      throw new Refusal.RequestIdReused(differing);
    }
  }

  /**
   * A share, and the decision that it takes.
   *
   * @param decision what to commit
   * @param share the share, as the job has it then
   */
  public record Shared(JobDecision decision, ShareRecord share) {}

  /** Removes a share, or all of them if the id is empty. */
  static JobDecision unshare(JobEdit edit, String shareId) {
    List<ShareRecord> left =
        edit.current().getSharesList().stream()
            .filter(share -> !shareId.isEmpty() && !share.getId().equals(shareId))
            .toList();
    if (left.size() == edit.current().getSharesCount()) {
      return edit.keep();
    }
    edit.record().clearShares().addAllShares(left);
    return edit.putAround();
  }
}
