package dev.milepost.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A file that a program replaces or adds to. */
class ProgressFileTest {
  private final List<Long> seen = new ArrayList<>();

  @Test
  void readsWhatIsAddedOnce() throws IOException {
    try (ProgressFile file = open()) {
      append(file, "1/9\n2/9\n3");
      file.poll();
      file.poll();
      append(file, "/9\n");
      file.poll();
    }

    assertThat(seen).containsExactly(1L, 2L, 3L);
  }

  @Test
  void readsWhatReplacesIt() throws IOException {
    try (ProgressFile file = open()) {
      Files.writeString(file.path(), "9/100\n");
      file.poll();
      Files.writeString(file.path(), "10/100\n");
      file.poll();
      Files.writeString(file.path(), "11/100\n12/100\n");
      file.poll();
    }

    assertThat(seen).containsExactly(9L, 10L, 11L, 12L);
  }

  @Test
  void leavesNoFile() throws IOException {
    ProgressFile file = open();
    file.close();

    assertThat(file.path()).doesNotExist();
  }

  private ProgressFile open() throws IOException {
    return ProgressFile.create(note -> note.current().ifPresent(seen::add));
  }

  private static void append(ProgressFile file, String text) throws IOException {
    Files.writeString(file.path(), text, StandardOpenOption.APPEND);
  }
}
