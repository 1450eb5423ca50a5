package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TerminalViewTest {
  private static final String CLEAR = "\r\u001b[K";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final TerminalView view =
      new TerminalView(
          new PrintStream(written, true, StandardCharsets.UTF_8),
          Clock.systemUTC(),
          new BarText(false),
          () -> 80);

  @Test
  void keepsLinesAboveTheBar() {
    view.stage("Hashing");
    view.status(half());
    await().until(() -> text().contains("Hashing  ############------------  5 of 10 files"));
    view.line("* something");

    assertThat(text()).contains(CLEAR + "* something" + System.lineSeparator() + "Hashing  ####");
  }

  @Test
  void leavesOnlyTheLinesBehind() {
    for (String stage : List.of("Scanning", "Hashing", "Writing")) {
      view.stage(stage);
      view.status(half());
      view.line("* " + stage);
    }
    view.close();
    view.close();

    assertThat(screen()).containsExactly("* Scanning", "* Hashing", "* Writing", "");
  }

  @Test
  void changesStagesWhileTheBarIsDrawn() {
    for (int i = 0; i < 30; i++) {
      view.stage("Stage " + i);
      int before = written.size();
      await().until(() -> written.size() > before);
    }
    view.close();

    assertThat(screen()).containsExactly("");
  }

  private static JobStatus half() {
    return JobStatus.newBuilder()
        .setState(JobState.JOB_STATE_RUNNING)
        .setProgress(
            Progress.newBuilder().setCurrent(5).setTotal(10).setUnit("files").setFraction(0.5))
        .build();
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }

  /** Returns what a terminal shows: of each line, what was written after it was last cleared. */
  private List<String> screen() {
    String[] lines = text().split(System.lineSeparator(), -1);
    return Arrays.stream(lines)
        .map(line -> line.substring(line.lastIndexOf(CLEAR) + CLEAR.length()))
        .toList();
  }
}
