package dev.milepost.cli.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The file that {@code MILEPOST_PROGRESS} names, into which the program writes its progress: with
 * {@code >}, which replaces it, or {@code >>}, which adds to it.
 */
final class ProgressFile implements AutoCloseable {
  /** What is kept of the file to tell the two apart, and read of it at once. */
  private static final int MAX_BYTES = 256 << 10;

  private final Path path;
  private final Consumer<ProgressNote> notes;
  private String seen = "";

  private ProgressFile(Path path, Consumer<ProgressNote> notes) {
    this.path = path;
    this.notes = notes;
  }

  /**
   * Makes an empty file, which only this user can read.
   *
   * @param notes receives what the program says
   */
  static ProgressFile create(Consumer<ProgressNote> notes) throws IOException {
    return new ProgressFile(Files.createTempFile("milepost-progress-", ""), notes);
  }

  Path path() {
    return path;
  }

  /** Reads what has been written since the last call. Lines that are not complete come later. */
  void poll() throws IOException {
    String now = content();
    boolean appended = now.startsWith(seen);
    String fresh = appended ? now.substring(seen.length()) : now;
    int end = fresh.lastIndexOf('\n') + 1;
    fresh.substring(0, end).lines().forEach(line -> ProgressNote.parse(line).ifPresent(notes));
    seen = appended ? seen + fresh.substring(0, end) : fresh.substring(0, end);
  }

  // Of a file that has grown beyond what is read, the program's own truncation is the only way
  // back; until then its progress stands still, and the program is not disturbed.
  private String content() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
