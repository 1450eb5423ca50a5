package dev.milepost.benchmarks.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Temporary directories of a run. */
public final class Directories {
  private Directories() {}

  /** Creates a temporary directory. */
  public static Path create() throws IOException {
    return Files.createTempDirectory("milepost-bench-");
  }

  /**
   * Copies a file and flushes it to the disk, so that this does not happen during a measurement.
   */
  public static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to);
    try (FileChannel file = FileChannel.open(to, StandardOpenOption.WRITE)) {
      file.force(true);
    }
  }

  /** Removes a directory and its content, if it exists. */
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
