package dev.milepost.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes of a program as lines of a log. */
class OutputLinesTest {
  @Test
  void cutsLinesAndPassesTheBytesOn() throws IOException {
    byte[] output = "one\r\n\ntwo  \nthree".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    List<String> lines = new ArrayList<>();

    new OutputLines(lines::add).read(new ByteArrayInputStream(output), copy);

    assertThat(lines).containsExactly("one", "two", "three");
    assertThat(copy.toByteArray()).isEqualTo(output);
  }

  @Test
  void keepsWhatRemainsOnTheScreen() throws IOException {
    assertThat(lines("10 %\r20 %\rdone\n")).containsExactly("done");
    assertThat(lines("\u001b[32mgreen\u001b[0m\u001b[2K\u001b]0;title\u0007!\n"))
        .containsExactly("\u001b[32mgreen\u001b[0m!");
  }

  @Test
  void cutsALineThatIsLongerThanALogLine() throws IOException {
    List<String> lines = lines("🚀".repeat(20_000));

    assertThat(String.join("", lines)).isEqualTo("🚀".repeat(20_000));
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.length()).isLessThanOrEqualTo(OutputLines.MAX_LINE + 1);
              assertThat(line).doesNotEndWith("\ud83d");
            });
  }

  @Test
  void replacesWhatIsNotText() throws IOException {
    List<String> lines = new ArrayList<>();
    byte[] output = {'a', (byte) 0xff, 'b', 0, 'c', '\n', (byte) 0xe2, (byte) 0x82};

    new OutputLines(lines::add).read(new ByteArrayInputStream(output), new ByteArrayOutputStream());

    assertThat(lines).containsExactly("a\ufffdb\ufffdc", "\ufffd");
  }

  private static List<String> lines(String output) throws IOException {
    List<String> lines = new ArrayList<>();
    new OutputLines(lines::add)
        .read(
            new ByteArrayInputStream(output.getBytes(StandardCharsets.UTF_8)),
            new ByteArrayOutputStream());
    return lines;
  }
}
