package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestWriterTest {
  @TempDir Path root;
  private Path target;

  @BeforeEach
  void name() {
    target = root.resolve("manifest");
  }

  @Test
  void writesALineForEachFileAndReadsItBack() {
    ManifestLine line = line("a  b \\n");

    assertThat(line.text()).isEqualTo(Trees.sha256("a  b \\n") + "  7  a  b \\n");
    assertThat(ManifestLine.parse(line.text())).isEqualTo(line);
  }

  @Test
  void writesThePartialFileUntilTheCommit() throws IOException {
    try (ManifestWriter writer = ManifestWriter.open(target, 0, 0)) {
      writer.append(line("a"));
      writer.sync();
      assertThat(Trees.list(root)).containsExactly("manifest.partial");

      writer.commit();
    }
    assertThat(Trees.list(root)).containsExactly("manifest");
    assertThat(target).hasContent(line("a").text() + "\n");
  }

  @Test
  void replacesAnEarlierManifestOnlyAtTheEnd() throws IOException {
    Files.writeString(target, "earlier");
    try (ManifestWriter writer = ManifestWriter.open(target, 0, 0)) {
      writer.sync();
      assertThat(target).hasContent("earlier");
      writer.commit();
    }
    assertThat(target).isEmptyFile();
  }

  @Test
  void leavesNothingBehindWhenDiscarded() throws IOException {
    try (ManifestWriter writer = ManifestWriter.open(target, 0, 0)) {
      writer.append(line("a"));
      writer.sync();
      writer.discard();
    }
    assertThat(Trees.list(root)).isEmpty();
  }

  @Test
  void continuesAfterTheCommittedPartAndCutsOffTheRest() throws IOException {
    long committed = interrupted();

    try (ManifestWriter writer = ManifestWriter.open(target, committed, 2)) {
      assertThat(writer.kept()).containsExactly(line("a"), line("b"));
      writer.append(line("d"));
      assertThat(writer.lines()).isEqualTo(3);
      writer.commit();
    }
    assertThat(target)
        .hasContent(line("a").text() + "\n" + line("b").text() + "\n" + line("d").text() + "\n");
  }

  @Test
  void startsOverIfTheFileIsShorterThanTheCommittedPart() throws IOException {
    long committed = interrupted();

    try (ManifestWriter writer = ManifestWriter.open(target, committed + 1_000, 20)) {
      assertThat(writer.kept()).isEmpty();
      writer.append(line("d"));
      writer.commit();
    }
    assertThat(target).hasContent(line("d").text() + "\n");
  }

  @Test
  void startsOverIfTheFileIsNotAManifest() throws IOException {
    Files.writeString(ManifestWriter.partialOf(target), "not a manifest\n".repeat(100));

    try (ManifestWriter writer = ManifestWriter.open(target, 160, 10)) {
      assertThat(writer.kept()).isEmpty();
      writer.commit();
    }
    assertThat(target).isEmptyFile();
  }

  @Test
  void allowsOneWriterAtATime() throws IOException {
    try (ManifestWriter writer = ManifestWriter.open(target, 0, 0)) {
      writer.append(line("a"));
      writer.sync();

      assertThatThrownBy(() -> ManifestWriter.open(target, 0, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is being written by another hash-tree");

      writer.commit();
    }
    assertThat(target).hasContent(line("a").text() + "\n");
  }

  /** Writes two committed lines, then one and a half uncommitted ones. */
  private long interrupted() throws IOException {
    try (ManifestWriter writer = ManifestWriter.open(target, 0, 0)) {
      writer.append(line("a"));
      writer.append(line("b"));
      long committed = writer.sync();
      writer.append(line("c"));
      writer.sync();
      Path partial = ManifestWriter.partialOf(target);
      Files.writeString(partial, Files.readString(partial) + "half a li");
      return committed;
    }
  }

  private static ManifestLine line(String name) {
    return new ManifestLine(Trees.sha256(name), name.length(), name);
  }
}
