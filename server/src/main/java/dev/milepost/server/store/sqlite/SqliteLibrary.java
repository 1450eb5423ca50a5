package dev.milepost.server.store.sqlite;

import dev.milepost.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the driver unpacks its native library: a directory of our own below the system's temporary
 * one, instead of that one itself, which programs of all users share. A process that is killed
 * leaves its copy behind; the next one removes it.
 */
final class SqliteLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);
  private static final String PROPERTY = "org.sqlite.tmpdir";

  /**
   * A copy that is older is either loaded, and then its file is not needed any more, or was left
   * behind.
   */
  private static final Duration MIN_AGE = Duration.ofMinutes(10);

  private SqliteLibrary() {}

  /** Sets the directory, unless a property does; must be called before the driver is used. */
  static void place() {
    if (System.getProperty(PROPERTY) != null) {
      return;
    }
    String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "_");
    Path directory = Path.of(System.getProperty("java.io.tmpdir", "."), "milepost-" + user);
    try {
      PrivateFiles.createDirectories(directory);
      if (isOurs(directory)) {
        removeOld(directory, Instant.now().minus(MIN_AGE));
        System.setProperty(PROPERTY, directory.toString());
      }
    } catch (IOException | UnsupportedOperationException e) {
      // The driver uses the system's directory then.
      LOG.debug("Could not use the directory {}.", directory, e);
    }
  }

  /** Whether no one else can put a library there: a link, or another's directory, is not ours. */
  private static boolean isOurs(Path directory) throws IOException {
    return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        && !PrivateFiles.isOpenToOthers(directory)
        && Files.getOwner(directory).equals(ownerOfNewFiles(directory));
  }

  private static Object ownerOfNewFiles(Path directory) throws IOException {
    Path probe = Files.createTempFile(directory, "owner", "");
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }

  private static void removeOld(Path directory, Instant before) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "sqlite-*")) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
            Files.delete(file);
          }
        } catch (IOException e) {
          // Another process was faster, or the system does not delete a loaded library.
          LOG.debug("Could not remove {}.", file, e);
        }
      }
    }
  }
}
