package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs against a real server: the figures are present and consistent. Their size is not tested. */
@Tag("slow")
class LifeWorkloadTest {
  private static final Pattern STORED =
      Pattern.compile("acknowledged life: (\\d+) of single calls, (\\d+) of the client");

  @TempDir Path directory;

  @Test
  void measuresLivesAgainstTheBestDurablePeer() throws IOException {
    Path peers =
        Files.writeString(
            directory.resolve("peers"),
            """
            {"name":"peer.bullmq.life","value":35.5,"unit":"1/s"}
            {"name":"peer.bullmq-everysec.life","value":64.9,"unit":"1/s"}
            {"name":"peer.etcd.life","value":12.7,"unit":"1/s"}
            """);

    BenchRun run = BenchRun.quick("life", "--peers=" + peers);

    for (String variant : new String[] {"life.acknowledged", "life.sdk"}) {
      assertThat(run.floor(variant + ".rate")).isEqualTo(35.5);
      assertThat(run.isJudged(variant + ".rate")).isTrue();
      assertThat(run.value(variant + ".p50")).isLessThanOrEqualTo(run.value(variant + ".p99"));
      assertThat(run.value(variant + ".server-cpu")).isNotNegative();
    }
    // Each of 64 slots completes at least one life, however slow the machine is.
    Matcher stored = STORED.matcher(run.errors());
    assertThat(stored.find()).isTrue();
    assertThat(Long.parseLong(stored.group(1))).isGreaterThanOrEqualTo(64);
    assertThat(Long.parseLong(stored.group(2))).isGreaterThanOrEqualTo(64);
  }
}
