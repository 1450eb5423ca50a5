package dev.milepost.benchmarks.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Temporary files of a run. */
public final class Directories {
  private Directories() {}

  public static Path create() throws IOException {
    return Files.createTempDirectory("milepost-bench-");
  }

  /**
   * Copies a file down to the disk: its bytes must not be written out while something is measured.
   */
  public static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to);
    try (FileChannel file = FileChannel.open(to, StandardOpenOption.WRITE)) {
      file.force(true);
    }
  }

  /** Removes a directory and all in it; nothing where there is none. */
  public static void remove(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
