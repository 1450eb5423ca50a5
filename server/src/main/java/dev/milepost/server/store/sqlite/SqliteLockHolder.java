package dev.milepost.server.store.sqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Finds the process that has locked a byte of a file, where the system lists its locks (Linux). */
final class SqliteLockHolder {
  private static final Path LOCKS = Path.of("/proc/locks");
  private static final int MAX_LOCKS = 100_000;

  // Of a line such as "1: POSIX  ADVISORY  WRITE 18198 08:01:1234 100 100".
  private static final int PROCESS = 4;
  private static final int FILE = 5;
  private static final int FROM = 6;

  private SqliteLockHolder() {}

  /**
   * Returns the id of the process; empty if it is not known.
   *
   * @param inode number by which the file system knows the file
   * @param from the first byte that is locked
   */
  static String of(String inode, long from) {
    if (inode.isEmpty() || !Files.exists(LOCKS)) {
      return "";
    }
    try (Stream<String> lines = Files.lines(LOCKS)) {
      return lines
          .limit(MAX_LOCKS)
          .map(line -> line.trim().split(" +"))
          .filter(parts -> parts.length > FROM && parts[FILE].endsWith(":" + inode))
          .filter(parts -> parts[FROM].equals("" + from) && !parts[PROCESS].startsWith("-"))
          .map(parts -> parts[PROCESS])
          .findFirst()
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }
}
