package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class PlainViewTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final SettableClock clock = new SettableClock();
  private final PlainView view =
      new PlainView(new PrintStream(written, true, StandardCharsets.UTF_8), clock);

  @Test
  void printsStagesAndLinesAtOnce() {
    view.stage("Scanning");
    view.line("* Found 3 files");

    assertThat(lines()).containsExactly("Scanning", "* Found 3 files");
  }

  @Test
  void printsProgressOnlyEveryFewSeconds() {
    view.stage("Hashing");
    for (int i = 0; i < 1_000; i++) {
      view.status(status(i));
      clock.now = clock.now.plusMillis(12);
    }

    assertThat(lines()).hasSize(3).startsWith("Hashing");
    assertThat(lines()[1]).isEqualTo("Hashing: 41 %, 417 of 1,000 files, 80/s, 0:06 left");
  }

  @Test
  void printsNoProgressIfTheJobIsNotRunning() {
    view.stage("Hashing");
    clock.now = clock.now.plus(Duration.ofMinutes(1));
    view.status(status(1).toBuilder().setState(JobState.JOB_STATE_SUCCEEDED).build());

    assertThat(lines()).containsExactly("Hashing");
  }

  private JobStatus status(int current) {
    Progress.Builder progress =
        Progress.newBuilder()
            .setCurrent(current)
            .setTotal(1_000)
            .setUnit("files")
            .setPercent(current / 10)
            .setRate(80);
    progress.getEstimatedEndTimeBuilder().setSeconds(12);
    return JobStatus.newBuilder()
        .setState(JobState.JOB_STATE_RUNNING)
        .setProgress(progress)
        .build();
  }

  private String[] lines() {
    return written.toString(StandardCharsets.UTF_8).split("\\R");
  }

  private static final class SettableClock extends Clock {
    private Instant now = Instant.EPOCH;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
