package dev.milepost.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Levels by the words of a line. */
class LevelTest {
  @ParameterizedTest
  @CsvSource({
    "2026-11-30 12:00:01 [main] ERROR c.e.Sync - no disk, ERROR",
    "error: no such file, ERROR",
    "FATAL out of memory, ERROR",
    "[WARN] slow, WARNING",
    "warning: unused, WARNING",
    "12:00 DEBUG x, DEBUG",
    "TRACE y, DEBUG",
    "0 errors found, INFO",
    "an error is not a level here, INFO"
  })
  void findsTheLevel(String line, Level level) {
    assertThat(Level.of(line, Level.INFO)).isEqualTo(level);
  }
}
