package dev.milepost.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Durations in their two largest units. */
class TimesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "-5, 0s",
    "59, 59s",
    "60, 1m",
    "192, 3m 12s",
    "3600, 1h",
    "3661, 1h 1m",
    "86399, 23h 59m",
    "86400, 1d",
    "90000, 1d 1h"
  })
  void saysDurations(long seconds, String text) {
    assertThat(Times.duration(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void saysHowLongAgo() {
    Instant now = Instant.parse("2026-11-30T12:00:00Z");

    assertThat(Times.ago(now.minusSeconds(192), now)).isEqualTo("3m");
    assertThat(Times.ago(now.plusSeconds(10), now)).isEqualTo("0s");
  }
}
