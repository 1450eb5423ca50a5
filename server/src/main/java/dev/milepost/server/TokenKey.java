package dev.milepost.server;

import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.open.StoreOpener;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;

/**
 * The key that seals page tokens and share tokens, kept in a file so that they stay valid across
 * restarts.
 */
final class TokenKey {
  private TokenKey() {}

  /**
   * Returns the key of a server, and creates its file on first use.
   *
   * @throws SettingsException if the file cannot be read or created, or holds no key
   */
  static byte[] load(Settings settings) {
    Optional<Path> file = file(settings);
    if (file.isEmpty()) {
      return random();
    }
    try {
      if (!Files.exists(file.get())) {
        create(file.get());
      }
      byte[] key = Files.readAllBytes(file.get());
      if (key.length < TokenSealer.KEY_BYTES) {
        throw new SettingsException(
            "The token key file "
                + file.get()
                + " is damaged. Delete it; page tokens and share tokens issued so far become"
                + " invalid.");
      }
      return key;
    } catch (IOException e) {
      throw new SettingsException(
          "The token key file " + file.get() + " cannot be used: " + e + ".");
    }
  }

  /**
   * Checks the file without creating it.
   *
   * @throws SettingsException as {@link #load}
   */
  static void check(Settings settings) {
    if (file(settings).filter(Files::exists).isPresent()) {
      var unused = load(settings);
    }
  }

  /** Returns the file of a server's key; empty if the key lasts as long as the process. */
  static Optional<Path> file(Settings settings) {
    return settings
        .tokenKeyFile()
        .or(
            () ->
                StoreOpener.sqliteFile(settings.store())
                    .map(db -> db.resolveSibling(db.getFileName() + ".key")));
  }

  private static byte[] random() {
    byte[] key = new byte[TokenSealer.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** Creates the file atomically, readable by its owner only. */
  private static void create(Path file) throws IOException {
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    PrivateFiles.createDirectories(directory);
    Path draft = Files.createTempFile(directory, ".token-key", "");
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
    }
    Files.write(draft, random());
    try {
      // A link, unlike a move, does not replace a file that another server has created first.
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (UnsupportedOperationException e) {
      Files.copy(
          draft,
          file,
          StandardCopyOption.COPY_ATTRIBUTES); // does not replace either, but is not atomic
    } finally {
      Files.delete(draft);
    }
  }
}
