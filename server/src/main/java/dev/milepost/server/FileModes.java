package dev.milepost.server;

import dev.milepost.server.disk.PrivateFiles;
import dev.milepost.server.settings.JwtSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.store.open.StoreOpener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds files that other accounts of this machine should not be able to use. */
final class FileModes {
  private FileModes() {}

  /** Returns a warning for each file that is open to others, as a sentence that says what to do. */
  static List<String> warnings(Settings settings) {
    List<String> found = new ArrayList<>();
    add(found, "token file", settings.auth().tokens());
    add(found, "TLS key", settings.tls().identity().map(identity -> identity.key()));
    add(found, "JWT secret", settings.auth().jwt().flatMap(jwt -> jwt.keys().secretFile()));
    add(found, "token key file", TokenKey.file(settings));
    add(found, "database", StoreOpener.sqliteFile(settings.store()));
    settings
        .auth()
        .jwt()
        .map(JwtSettings::keys)
        .flatMap(JwtSettings.Keys::jwksFile)
        .filter(PrivateFiles::isWritableByOthers)
        .ifPresent(file -> found.add(warning("key file", file, "replace", "go-w")));
    return found;
  }

  private static void add(List<String> found, String what, Optional<Path> file) {
    file.filter(PrivateFiles::isOpenToOthers)
        .ifPresent(open -> found.add(warning(what, open, "use", "600")));
  }

  private static String warning(String what, Path file, String how, String mode) {
    return "Other accounts on this machine can %s the %s %s: run chmod %s on it."
        .formatted(how, what, file, mode);
  }
}
