package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
  @TempDir Path root;

  @Test
  void separatesDirectoriesBySlashes() {
    assertThat(name("a/b/c.txt")).isEqualTo("a/b/c.txt");
  }

  @Test
  void keepsSpacesAndEveryLanguage() {
    assertThat(name("grüße 你好 😀 .txt")).isEqualTo("grüße 你好 😀 .txt");
  }

  @Test
  void keepsOneFileOnOneLine() {
    assertThat(name("two\nlines\r")).isEqualTo("two\\nlines\\r");
  }

  @Test
  void distinguishesALineFeedFromABackslashAndAnN() {
    assertThat(name("a\nb")).isNotEqualTo(name("a\\nb"));
    assertThat(name("a\\nb")).isEqualTo("a\\\\nb");
  }

  @Test
  void keepsTheReplacementCharacterItself() {
    assertThat(name("a\uFFFDb")).isEqualTo("a\uFFFDb");
  }

  @Test
  void writesInvalidUtf8InHexadecimal() {
    byte[] latin1 = "grün ".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(FileNames.fromBytes(latin1)).isEqualTo("gr\\xfcn ");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "other file systems reject such names")
  void distinguishesFilesWhoseNamesAreInvalidUtf8() throws IOException {
    Path one = Files.createFile(Path.of(URI.create(root.toUri() + "%ff")));
    Path other = Files.createFile(Path.of(URI.create(root.toUri() + "%fe")));

    assertThat(FileNames.name(root, one)).isEqualTo("\\xff");
    assertThat(FileNames.name(root, other)).isEqualTo("\\xfe");
  }

  private String name(String name) {
    return FileNames.name(root, Trees.path(root, name));
  }
}
