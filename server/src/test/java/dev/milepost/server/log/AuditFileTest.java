package dev.milepost.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of the audit log, while others rename, truncate and share it. */
class AuditFileTest {
  @TempDir Path directory;

  private static void write(AuditFile file, Object number) throws IOException {
    file.write("INFO", "call", Map.of("number", number));
  }

  private static List<String> numbers(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.replaceAll(".*\"number\":(\\d+)}", "$1"))
        .toList();
  }

  @Test
  void linesAreAppendedAndOnlyTheOwnerMayReadThem() throws Exception {
    Path path = directory.resolve("logs/audit.json");
    try (AuditFile file = AuditFile.open(path)) {
      write(file, 1);
    }
    try (AuditFile file = AuditFile.open(path)) {
      write(file, 2);
    }
    assertThat(numbers(path)).containsExactly("1", "2");
    assertThat(Files.readAllLines(path).get(0))
        .matches(
            "\\{\"time\":\"20[^\"]*Z\",\"level\":\"INFO\",\"logger\":\"milepost.audit\","
                + "\"message\":\"call\",\"number\":1}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void aRenamedFileIsReplacedAndNoLineIsLost() throws Exception {
    Path path = directory.resolve("audit.json");
    Path old = directory.resolve("audit.json.1");
    int[] count = {0};
    try (AuditFile file = AuditFile.open(path)) {
      write(file, ++count[0]);
      Files.move(path, old);
      await()
          .until(
              () -> {
                write(file, ++count[0]);
                return Files.exists(path);
              });
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
    }
    assertThat(numbers(old).size() + numbers(path).size()).isEqualTo(count[0]);
    assertThat(numbers(path)).endsWith(String.valueOf(count[0]));
  }

  @Test
  void aTruncatedFileBeginsAgainWithoutAGap() throws Exception {
    Path path = directory.resolve("audit.json");
    try (AuditFile file = AuditFile.open(path)) {
      write(file, 1);
      try (FileChannel copied = FileChannel.open(path, StandardOpenOption.WRITE)) {
        copied.truncate(0);
      }
      write(file, 2);
    }
    assertThat(numbers(path)).containsExactly("2");
  }

  @Test
  void severalWritersDoNotMixTheirLines() throws Exception {
    Path path = directory.resolve("audit.json");
    try (AuditFile one = AuditFile.open(path);
        AuditFile two = AuditFile.open(path)) {
      IntStream.range(0, 400)
          .parallel()
          .forEach(
              number -> {
                try {
                  write(number % 2 == 0 ? one : two, number);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
    }
    assertThat(numbers(path)).hasSize(400).doesNotHaveDuplicates().allMatch(n -> n.matches("\\d+"));
  }

  @Test
  void aDirectoryThatIsGoneFailsUntilItIsBack() throws Exception {
    Path path = directory.resolve("logs/audit.json");
    try (AuditFile file = AuditFile.open(path)) {
      write(file, 1);
      Files.delete(path);
      Files.delete(path.getParent());
      await()
          .until(
              () -> {
                try {
                  write(file, 2);
                  return false;
                } catch (IOException e) {
                  return true;
                }
              });
      Files.createDirectory(path.getParent());
      await()
          .until(
              () -> {
                write(file, 3);
                return true;
              });
    }
    assertThat(numbers(path)).containsExactly("3");
    assertThatThrownBy(() -> AuditFile.open(directory)).isInstanceOf(IOException.class);
  }
}
