package dev.milepost.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Creates files and directories that only their owner may read, whatever the process's umask is.
 * Their mode is set as they are created, so that there is no moment at which others could open
 * them. On systems without POSIX permissions, they get the system's own defaults.
 */
public final class PrivateFiles {
  private static final boolean IS_POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  private static final Set<PosixFilePermission> FOR_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
  private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private PrivateFiles() {}

  /**
   * Creates a directory and its missing parents, with the mode 0700; leaves existing ones alone.
   */
  public static void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory, mode("rwx------"));
  }

  /** Creates an empty file with the mode 0600, unless it exists. */
  public static void createIfAbsent(Path file) throws IOException {
    try {
      Files.createFile(file, mode("rw-------"));
    } catch (FileAlreadyExistsException e) {
      // Left alone: its owner chose its mode.
    }
  }

  /** Opens a file, after creating it with the mode 0600 unless it exists. */
  public static FileChannel open(Path file, OpenOption... options) throws IOException {
    createIfAbsent(file);
    return FileChannel.open(file, options);
  }

  /** Returns whether other accounts may read or write a file; false if that is not known. */
  public static boolean isOpenToOthers(Path file) {
    return hasAny(file, FOR_OTHERS);
  }

  /** Returns whether other accounts may write a file; false if that is not known. */
  public static boolean isWritableByOthers(Path file) {
    return hasAny(file, WRITABLE_BY_OTHERS);
  }

  /** Whether files have POSIX permissions here. */
  static boolean isPosix() {
    return IS_POSIX;
  }

  private static boolean hasAny(Path file, Set<PosixFilePermission> some) {
    try {
      return IS_POSIX && Files.getPosixFilePermissions(file).stream().anyMatch(some::contains);
    } catch (IOException e) {
      return false;
    }
  }

  private static FileAttribute<?>[] mode(String mode) {
    return IS_POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
