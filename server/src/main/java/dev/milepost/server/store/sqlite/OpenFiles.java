package dev.milepost.server.store.sqlite;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds processes that have a database open, where the system has a directory {@code /proc} as
 * Linux does and this account may read it.
 */
final class OpenFiles {
  private static final Path PROCESSES = Path.of("/proc");
  private static final int MAX_PROCESSES = 10_000;
  private static final int MAX_FILES = 1_000;
  private static final int MAX_NAMED = 5;

  private OpenFiles() {}

  /**
   * Returns descriptions of other processes that have a database open, five at most; none if that
   * cannot be found out. Blocks for some milliseconds.
   *
   * @param database its file, without links
   */
  static List<String> processesWith(Path database) {
    List<String> found = new ArrayList<>();
    String own = Long.toString(ProcessHandle.current().pid());
    int seen = 0;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        String id = process.getFileName().toString();
        if (!id.equals(own) && hasOpen(process.resolve("fd"), database)) {
          found.add("process " + id + name(process));
        }
        if (++seen >= MAX_PROCESSES || found.size() >= MAX_NAMED) {
          break;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return found; // Another system, or a directory that this account may not read.
    }
    return found;
  }

  private static boolean hasOpen(Path files, Path database) {
    int seen = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(files)) {
      for (Path file : open) {
        if (target(file).equals(database)) {
          return true;
        }
        if (++seen >= MAX_FILES) {
          break;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return false; // It has ended, or belongs to another account.
    }
    return false;
  }

  private static Path target(Path file) throws IOException {
    try {
      return Files.readSymbolicLink(file);
    } catch (java.nio.file.NoSuchFileException e) {
      return file; // It was closed meanwhile.
    }
  }

  /**
   * Returns the name of a process in parentheses, without characters that could deceive a reader.
   */
  private static String name(Path process) {
    try {
      String name = Files.readString(process.resolve("comm")).strip();
      return " (" + name.replaceAll("[^\\w.:/ -]", "?") + ")";
    } catch (IOException e) {
      return "";
    }
  }
}
