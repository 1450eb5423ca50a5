package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.SettableClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Share tokens name a job and a share, and cannot be forged. */
class ShareTokensTest {
  private static final byte[] KEY = new byte[TokenSealer.KEY_BYTES];
  private static final JobKey JOB = new JobKey("acme", "job-1");

  private final SettableClock clock = new SettableClock();
  private final ShareTokens tokens = new ShareTokens(KEY, clock);

  private String token() {
    return tokens.issue(JOB, "5eed", clock.instant().plus(Duration.ofHours(1)));
  }

  private void refused(String token) {
    assertThatExceptionOfType(AccessException.Unauthenticated.class)
        .isThrownBy(() -> tokens.authenticate(ShownCall.bearing(token)))
        .withMessage(ShareTokens.invalid().getMessage());
  }

  @Test
  void theBearerHasNoRoleAndOneJob() {
    Caller bearer = tokens.authenticate(ShownCall.bearing(token()));
    assertThat(bearer)
        .isEqualTo(
            new Caller(
                "acme",
                "share 5eed",
                Set.of(),
                Optional.of(clock.instant().plus(Duration.ofHours(1))),
                "share:5eed",
                Optional.of(new SharedJob("job-1", "5eed"))));
    assertThat(new ShareTokens(KEY, clock).authenticate(ShownCall.bearing(token())))
        .as("by another server with the same key")
        .isEqualTo(bearer);
  }

  @Test
  void aTokenTellsNothing() {
    assertThat(token()).matches("mls_[A-Za-z0-9_-]+").doesNotContain("acme", "job-1", "5eed");
  }

  @Test
  void anExpiredTokenIsRefusedLikeAForgedOne() {
    String token = token();
    clock.advance(Duration.ofHours(1).minusMillis(1));
    assertThat(tokens.authenticate(ShownCall.bearing(token)).tenantId()).isEqualTo("acme");
    clock.advance(Duration.ofMillis(1));
    refused(token);
    assertThat(tokens.presented(ShownCall.bearing(token))).isEqualTo("share:5eed");

    byte[] other = KEY.clone();
    other[31] = 1;
    ShareTokens others = new ShareTokens(other, clock);
    String forged = others.issue(JOB, "5eed", clock.instant().plus(Duration.ofHours(1)));
    refused(forged);
    assertThat(tokens.presented(ShownCall.bearing(forged))).isEqualTo("share:unknown");
    for (String damaged :
        List.of("mls_", "mls_x", "mls_\u00e9", "mls_" + "A".repeat(10_000), token() + "A")) {
      refused(damaged);
      assertThat(tokens.presented(ShownCall.bearing(damaged))).isEqualTo("share:unknown");
    }
  }

  @Test
  void aPageTokenIsNoShareToken() {
    String content = "acme\njob-1\n5eed\n" + clock.instant().plusSeconds(60).toEpochMilli();
    for (String context : List.of("share", "")) {
      refused(
          "mls_" + new TokenSealer(KEY).seal(context.getBytes(StandardCharsets.UTF_8), content));
    }
  }

  @Test
  void otherBearersAreOfOtherKinds() {
    assertThat(tokens.isPresent(ShownCall.bearing(token()))).isTrue();
    assertThat(tokens.isPresent(ShownCall.bearing("mlp_x"))).isFalse();
    assertThat(tokens.isPresent(ShownCall.bearing("eyJ.x.y"))).isFalse();
    assertThat(tokens.isPresent(ShownCall.nothing())).isFalse();
  }
}
