package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.examples.hashtree.ProgressText.Part;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarTextTest {
  private static final JobStatus HALF =
      JobStatus.newBuilder().setProgress(Progress.newBuilder().setFraction(0.5)).build();
  private final BarText text = new BarText(false);

  @Test
  void drawsStageBarAndWords() {
    List<Part> parts = List.of(new Part("50 %", 0), new Part("0:07 left", 1));

    assertThat(text.render("Hashing", HALF, parts, 80))
        .isEqualTo("Hashing  ############------------  50 %  0:07 left");
  }

  @Test
  void drawsNoBarIfTheTotalIsUnknown() {
    List<Part> parts = List.of(new Part("7 found", 0));

    assertThat(text.render("Scanning", JobStatus.getDefaultInstance(), parts, 80))
        .isEqualTo("Scanning  7 found");
  }

  @Test
  void dropsTheLeastImportantPartsIfSpaceIsShort() {
    List<Part> parts =
        List.of(
            new Part("50 %", 0),
            new Part("100.2 of 200.4 MiB", 4),
            new Part("51,234 of 102,345 files", 3),
            new Part("234.5 MiB/s", 2),
            new Part("12:07 left", 1));

    assertThat(text.render("Hashing", HALF, parts, 80))
        .isEqualTo("Hashing  ####----  50 %  51,234 of 102,345 files  234.5 MiB/s  12:07 left");
    assertThat(text.render("Hashing", HALF, parts, 40))
        .isEqualTo("Hashing  ####----  50 %  12:07 left");
    for (int width = 0; width < 140; width++) {
      assertThat(text.render("Hashing", HALF, parts, width)).hasSizeLessThanOrEqualTo(width);
    }
  }

  @Test
  void formatsNumbersForPeople() {
    assertThat(Sizes.bytes(17)).isEqualTo("17 B");
    assertThat(Sizes.bytes(1023 * 1024)).isEqualTo("1.0 MiB");
    assertThat(Sizes.bytes(3L << 29)).isEqualTo("1.5 GiB");
    assertThat(Sizes.count(1, "file")).isEqualTo("1 file");
    assertThat(Sizes.count(1234, "file")).isEqualTo("1,234 files");
    assertThat(Sizes.clock(Duration.ofSeconds(-3))).isEqualTo("0:00");
    assertThat(Sizes.clock(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
  }

  @Test
  void escapesControlCharacters() {
    assertThat(Printable.of("grün 你好")).isEqualTo("grün 你好");
    assertThat(Printable.of("a\u001b[2Jb\u202ec")).isEqualTo("a\\u001b[2Jb\\u202ec");
  }
}
