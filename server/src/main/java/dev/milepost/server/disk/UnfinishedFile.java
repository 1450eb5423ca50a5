package dev.milepost.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A file that gets its name only when it is complete and on disk, so that nothing that bears the
 * name is ever a part. Until then its name ends in {@value #SUFFIX}. Its mode is 0600. Not
 * thread-safe.
 */
public final class UnfinishedFile implements AutoCloseable {
  /** End of the name of a file that is not complete. */
  public static final String SUFFIX = ".unfinished";

  private final Path target;
  private final Path path;
  private boolean finished;

  private UnfinishedFile(Path target, Path path) {
    this.target = target;
    this.path = path;
  }

  /**
   * Creates an empty file. Replaces what a process that was killed has left under the same name.
   *
   * @param target the name that the file gets, in a directory that exists
   * @throws FileAlreadyExistsException if something has that name
   */
  public static UnfinishedFile create(Path target) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    return createReplacing(target);
  }

  /** Does the same as {@link #create}, but what has the name is replaced in the end. */
  public static UnfinishedFile createReplacing(Path target) throws IOException {
    Path path = target.resolveSibling(target.getFileName() + SUFFIX);
    delete(path);
    PrivateFiles.createIfAbsent(path);
    return new UnfinishedFile(target, path);
  }

  /** Deletes what processes that were killed have left in a directory. */
  public static void deleteLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path leftover : leftovers) {
        delete(leftover);
      }
    }
  }

  /** Returns where the content is written to. */
  public Path path() {
    return path;
  }

  /** Flushes the file to the disk, gives it its name, and flushes that too. Blocks. */
  public void finish() throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    rename(path, target);
    finished = true;
  }

  /** Renames a file within its directory and flushes the directory. Replaces what has the name. */
  public static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
    flushDirectory(Objects.requireNonNull(to.toAbsolutePath().getParent()));
  }

  private static void flushDirectory(Path directory) throws IOException {
    if (PrivateFiles.isPosix()) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** SQLite leaves a journal beside a file that it was writing when its process was killed. */
  private static void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
    Files.deleteIfExists(path.resolveSibling(path.getFileName() + "-journal"));
  }

  /** Deletes the file unless it is finished. */
  @Override
  public void close() throws IOException {
    if (!finished) {
      delete(path);
    }
  }
}
