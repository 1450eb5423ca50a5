package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ShareRecord;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How a job is shared. */
class ShareRulesTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final JobLife life = JobLife.queued();

  private JobRecord share(String id, Duration lifetime) {
    return share(new NewShare(id, "ann", "wall", lifetime, ""));
  }

  private JobRecord share(NewShare share) {
    if (life.rules.share(life.record, share, life.clock()).decision()
        instanceof JobDecision.Put put) {
      life.record = put.record();
    }
    return life.record;
  }

  private JobRecord unshare(String id) {
    if (life.rules.unshare(life.record, id, life.clock()) instanceof JobDecision.Put put) {
      life.record = put.record();
    }
    return life.record;
  }

  private Instant now() {
    return life.clock().now();
  }

  @Test
  void aShareChangesNothingThatCallersSee() {
    JobRecord before = life.record;
    JobRecord after = share("a", HOUR);
    assertThat(after.getJob()).isEqualTo(before.getJob());
    assertThat(after.getRevision()).isEqualTo(before.getRevision() + 1);
    assertThat(after.getWakeTime()).isEqualTo(before.getWakeTime());
    assertThat(after.getSharesList())
        .containsExactly(
            ShareRecord.newBuilder()
                .setId("a")
                .setCreatedBy("ann")
                .setLabel("wall")
                .setCreateTime(Times.timestamp(now()))
                .setExpireTime(Times.timestamp(now().plus(HOUR)))
                .build());
  }

  @Test
  void aShareIsLiveUntilItExpires() {
    JobRecord job = share("a", HOUR);
    assertThat(ShareRules.isLive(job, "a", now().plus(HOUR).minusMillis(1))).isTrue();
    assertThat(ShareRules.isLive(job, "a", now().plus(HOUR))).isFalse();
    assertThat(ShareRules.isLive(job, "b", now())).isFalse();
    assertThat(ShareRules.isLive(job, "", now())).isFalse();
  }

  @Test
  void theOthersStayWhenOneIsRevoked() {
    share("a", HOUR);
    share("b", HOUR);
    share("c", HOUR);
    assertThat(unshare("b").getSharesList())
        .extracting(ShareRecord::getId)
        .containsExactly("a", "c");
    long revision = life.record.getRevision();
    assertThat(unshare("b").getRevision()).isEqualTo(revision);
    assertThat(unshare("").getSharesList()).isEmpty();
  }

  @Test
  void theNumberIsLimitedAndExpiredOnesDoNotCount() {
    for (int i = 0; i < ShareRules.MAX_SHARES; i++) {
      share("s" + i, i == 7 ? HOUR : HOUR.multipliedBy(2));
    }
    assertThatExceptionOfType(Refusal.TooManyShares.class).isThrownBy(() -> share("more", HOUR));
    JobLife unused = life.after(HOUR);
    assertThat(ShareRules.live(life.record, now())).hasSize(ShareRules.MAX_SHARES - 1);
    assertThat(share("more", HOUR).getSharesList())
        .hasSize(ShareRules.MAX_SHARES)
        .extracting(ShareRecord::getId)
        .doesNotContain("s7")
        .endsWith("more");
  }

  @Test
  void aRepeatedRequestReturnsTheSameShare() {
    JobRecord first = share(new NewShare("a", "ann", "wall", HOUR, "r1"));
    JobLife unused = life.after(Duration.ofMinutes(30));
    assertThat(share(new NewShare("b", "ann", "wall", HOUR, "r1"))).isSameAs(first);
    assertThatExceptionOfType(Refusal.RequestIdReused.class)
        .isThrownBy(() -> share(new NewShare("b", "ann", "", HOUR.plusSeconds(1), "r1")))
        .satisfies(refusal -> assertThat(refusal.fields()).containsExactly("lifetime", "label"));
    share(new NewShare("c", "bob", "wall", HOUR, "r1"));
    unshare("a");
    assertThat(share(new NewShare("d", "ann", "wall", HOUR, "r1")).getSharesList())
        .as("a revoked share does not come back")
        .extracting(ShareRecord::getId)
        .containsExactly("c", "d");
  }

  @Test
  void sharesOutliveTheEndOfTheJob() {
    share("a", HOUR);
    var unused = life.claim();
    unused = life.complete();
    assertThat(life.record.getSharesList()).hasSize(1);
    assertThat(share("b", HOUR).getSharesList()).hasSize(2);
  }
}
