package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a refusal by a limit says to its reader. */
class LimitExceptionTest {
  @Test
  void namesTheSettingAndWhoCanRaiseIt() {
    LimitException refusal =
        LimitException.raisable(
            "user-streams", "user:ann", "User ann has 2 streams", "Close one.", Duration.ZERO);
    assertThat(refusal)
        .hasMessage(
            "User ann has 2 streams (milepost.limits.user-streams). Close one."
                + " The administrator of this server can raise the limit.");
    assertThat(refusal.setting()).isEqualTo("user-streams");
  }

  @Test
  void everyNameIsASetting() {
    assertThat(CallerLimits.NAMES).containsAll(CallerLimits.RATES).doesNotHaveDuplicates();
    Config limits = ConfigFactory.load().getConfig("milepost.limits");
    assertThat(CallerLimits.NAMES).allMatch(limits::hasPath);
  }
}
