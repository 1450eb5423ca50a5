package dev.milepost.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** No control character of a job reaches the terminal. */
class SafeTextTest {
  @Test
  void escapesEveryControlCharacter() {
    for (int c = 0; c < 0x2100; c++) {
      if (Character.isISOControl(c)) {
        assertThat(SafeText.line("a" + (char) c + "b")).doesNotContain(String.valueOf((char) c));
      }
    }
    assertThat(SafeText.line("\u001b[31mred\u0007")).isEqualTo("\\u001b[31mred\\u0007");
    assertThat(SafeText.line("one\ntwo\tthree\r!")).isEqualTo("one two three !");
    assertThat(SafeText.lines("one\r\ntwo\tthree")).isEqualTo("one\ntwo\tthree");
  }

  @Test
  void escapesWhatReordersText() {
    assertThat(SafeText.line("a\u202eb\u2066c")).isEqualTo("a\\u202eb\\u2066c");
  }

  @Test
  void leavesOtherTextAlone() {
    String text = "Größe 日本 שלום 🚀 {\"a\": 1}";

    assertThat(SafeText.line(text)).isSameAs(text);
  }
}
