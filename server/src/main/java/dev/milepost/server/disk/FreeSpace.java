package dev.milepost.server.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The free space of a file system. Thread-safe. */
@FunctionalInterface
public interface FreeSpace {
  /** Returned if the free space is not known. */
  long UNKNOWN = Long.MAX_VALUE;

  /** Returns how many bytes this process can still write; {@link #UNKNOWN} if asking fails. */
  long bytes();

  /**
   * Returns the free space where a file lies, which must exist when it is asked. A symbolic link
   * counts as the file that it leads to. Asking blocks: not for threads that serve calls.
   */
  static FreeSpace of(Path file) {
    return () -> {
      try {
        return Files.getFileStore(file.toRealPath()).getUsableSpace();
      } catch (IOException e) {
        return UNKNOWN;
      }
    };
  }
}
