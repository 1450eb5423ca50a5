package dev.milepost.server;

import dev.milepost.server.app.TokenSealer;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.open.StoreOpener;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The secret that tokens are sealed with: kept in a file, so that a page token outlives a restart.
 */
final class TokenKey {
  private TokenKey() {}

  /**
   * The key for a server.
   *
   * @throws SettingsException where the file cannot be read or made, or holds no key
   */
  static byte[] load(Settings settings) {
    Optional<Path> file =
        settings
            .tokenKeyFile()
            .or(
                () ->
                    StoreOpener.sqliteFile(settings.store())
                        .map(db -> db.resolveSibling(db.getFileName() + ".key")));
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
                + " is damaged: delete it, and page tokens given so far end.");
      }
      return key;
    } catch (IOException e) {
      throw new SettingsException(
          "The token key file " + file.get() + " cannot be used: " + e + ".");
    }
  }

  private static byte[] random() {
    byte[] key = new byte[TokenSealer.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** Whole or not at all, and readable to its owner alone. */
  private static void create(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path draft = Files.createTempFile(directory, ".token-key", "");
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
    }
    Files.write(draft, random());
    try {
      // Where another server was faster, its key is as good: a link, unlike a move, replaces
      // nothing.
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (UnsupportedOperationException e) {
      Files.copy(draft, file); // refuses to replace, too, but may be seen half done
    } finally {
      Files.delete(draft);
    }
  }
}
