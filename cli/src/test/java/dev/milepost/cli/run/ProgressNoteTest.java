package dev.milepost.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What programs write about their progress. */
class ProgressNoteTest {
  @ParameterizedTest
  @CsvSource({
    "25/100, 25, 100,",
    "25 / 100 files, 25, 100, files",
    " 0/0 rows of b , 0, 0, rows of b"
  })
  void readsUnits(String line, long current, long total, String unit) {
    ProgressNote note = ProgressNote.parse(line).orElseThrow();

    assertThat(note.current()).contains(current);
    assertThat(note.total()).contains(total);
    assertThat(note.unit().orElse(null)).isEqualTo(unit);
  }

  @Test
  void readsPercentAndCounts() {
    assertThat(ProgressNote.parse("25%").orElseThrow().percent()).contains(25.0);
    assertThat(ProgressNote.parse("99.5 % nearly").orElseThrow().message()).contains("nearly");
    assertThat(ProgressNote.parse("7 files").orElseThrow().current()).contains(7L);
  }

  @Test
  void readsJson() {
    ProgressNote note =
        ProgressNote.parse(
                "{\"current\": 1, \"total\": 2, \"unit\": \"files\", \"message\": \"m\", \"stage\":"
                    + " \"s\", \"counters\": {\"a\": 3}, \"unknown\": []}")
            .orElseThrow();

    assertThat(note.current()).contains(1L);
    assertThat(note.total()).contains(2L);
    assertThat(note.stage()).contains("s");
    assertThat(note.counters()).containsEntry("a", 3L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "copying",
        "101 %",
        "-1/2",
        "1/99999999999999999999",
        "{",
        "[]",
        "{\"current\": 1.5}",
        "{\"current\": \"x\"}",
        "{\"counters\": {\"a\": null}}",
        "{\"percent\": \"high\"}"
      })
  void ignoresWhatIsNoProgress(String line) {
    assertThat(ProgressNote.parse(line)).isEmpty();
  }

  @Test
  void findsProgressByGroups() {
    assertThat(
            ProgressNote.find(Pattern.compile("(\\d+) of (\\d+)"), "copied 7 of 9").orElseThrow())
        .satisfies(note -> assertThat(note.total()).contains(9L));
    assertThat(ProgressNote.find(Pattern.compile("(\\d+)%"), "at 40% now").orElseThrow().percent())
        .contains(40.0);
    assertThat(
            ProgressNote.find(
                    Pattern.compile("(?<total>\\d+) in all, (?<current>\\d+) done"),
                    "9 in all, 7 done")
                .orElseThrow()
                .current())
        .contains(7L);
    assertThat(ProgressNote.find(Pattern.compile("(.*) of (.*)"), "one of two")).isEmpty();
    assertThat(ProgressNote.find(Pattern.compile("x"), "x")).isEmpty();
  }
}
