package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeHasherTest {
  @TempDir Path root;
  private final TreeHasher hasher = new TreeHasher();

  @Test
  void hashesEmptyAndSmallFilesOneAfterTheOther() throws IOException {
    Path empty = Trees.write(root, "empty", "");
    Path small = Trees.write(root, "small", "abc");

    assertThat(hash(empty)).isEqualTo(new FileHash(Trees.sha256(""), 0));
    assertThat(hash(small)).isEqualTo(new FileHash(Trees.sha256("abc"), 3));
    assertThat(hash(empty)).isEqualTo(new FileHash(Trees.sha256(""), 0));
  }

  @Test
  void hashesAFileOfManyBuffersAndReportsEachByte() throws IOException {
    String content = "0123456789abcdef".repeat(100_000);
    Path file = Trees.write(root, "large", content);
    AtomicLong read = new AtomicLong();

    FileHash hash = hasher.hash(file, () -> {}, read::addAndGet);

    assertThat(hash).isEqualTo(new FileHash(Trees.sha256(content), content.length()));
    assertThat(read).hasValue(content.length());
  }

  @Test
  void stopsInTheMiddleOfAHugeFileAndHashesTheNext() throws IOException {
    Path huge = root.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(64L << 30); // sparse
    }
    AtomicInteger checks = new AtomicInteger();

    assertThatThrownBy(
            () ->
                hasher.hash(
                    huge,
                    () -> {
                      if (checks.incrementAndGet() == 100) {
                        throw new IllegalStateException("stop");
                      }
                    },
                    count -> {}))
        .hasMessage("stop");

    assertThat(hash(Trees.write(root, "next", "abc")).sha256()).isEqualTo(Trees.sha256("abc"));
  }

  @Test
  void stopsWhenItsThreadIsInterrupted() {
    Path file = Trees.write(root, "file", "abc");
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> hash(file)).isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void failsOnAFileThatIsGone() {
    assertThatThrownBy(() -> hash(root.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void failsOnAFileThatHasBecomeALink() throws IOException {
    Path target = Trees.write(root, "target", "secret");
    Path link = Files.createSymbolicLink(root.resolve("link"), target);

    assertThatThrownBy(() -> hash(link)).isInstanceOf(IOException.class);
  }

  @Test
  void failsOnAFileThatHasBecomeADirectory() {
    assertThatThrownBy(() -> hash(root)).isInstanceOf(IOException.class);
  }

  private FileHash hash(Path file) throws IOException {
    return hasher.hash(file, () -> {}, count -> {});
  }
}
