package dev.milepost.server;

import dev.milepost.server.settings.Settings;
import dev.milepost.server.store.open.StoreOpener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is probably a mistake in the settings, but does not keep a server from starting. */
final class StartupWarnings {
  private StartupWarnings() {}

  /** Returns sentences that say what to do. Reads the disk. */
  static List<String> of(Settings settings) {
    List<String> found = new ArrayList<>();
    settings
        .auth()
        .tokens()
        .filter(file -> !Files.exists(file))
        .ifPresent(file -> found.add(missingTokens(settings, file)));
    if (!settings.auth().development()) {
      StoreOpener.sqliteFile(settings.store())
          .filter(file -> !file.isAbsolute())
          .ifPresent(file -> found.add(relative(settings, file)));
    }
    found.addAll(FileModes.warnings(settings));
    return found;
  }

  /** Says that no API token is accepted, as their file is missing. */
  static String missingTokens(Settings settings, Path file) {
    return "The token file %s does not exist, so no API token is accepted. Create one with token create --file %s."
            .formatted(file.toAbsolutePath(), file)
        + settings.origins().setBy("milepost.auth.tokens.file");
  }

  private static String relative(Settings settings, Path file) {
    return "The path of the store is relative to the working directory: it is %s. Started elsewhere, the server would have another store. Name the whole path: sqlite:%s."
            .formatted(file.toAbsolutePath(), file.toAbsolutePath())
        + settings.origins().setBy("milepost.store");
  }
}
