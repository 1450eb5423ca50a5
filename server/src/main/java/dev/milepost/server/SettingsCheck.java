package dev.milepost.server;

import dev.milepost.server.access.TokenChanges;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.settings.Exposure;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.open.StoreOpener;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks settings and the files that they name, without opening the store or a port, and without
 * writing.
 */
final class SettingsCheck {
  private SettingsCheck() {}

  /** Returns a sentence for each reason why a server would not start, or would serve nobody. */
  static List<String> problems(LayeredSettings given) {
    List<String> problems = new ArrayList<>();
    try {
      problems(given.settings(), problems);
    } catch (SettingsException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    return problems;
  }

  private static void problems(Settings settings, List<String> problems) {
    attempt(problems, () -> Exposure.check(settings));
    attempt(problems, () -> StoreOpener.requireValid(settings.store()));
    settings
        .auth()
        .tokens()
        .filter(file -> !Files.exists(file))
        .ifPresent(file -> problems.add(StartupWarnings.missingTokens(settings, file)));
    attempt(
        problems, () -> Credentials.open(settings, TimeSource.system(), TokenChanges.NONE).close());
    attempt(problems, () -> TaskFile.open(settings).close());
    attempt(problems, () -> TokenKey.check(settings));
    settings
        .log()
        .auditFile()
        .filter(file -> Files.isDirectory(file) || (Files.exists(file) && !Files.isWritable(file)))
        .ifPresent(
            file ->
                problems.add(
                    "The audit file %s cannot be written. Name another file, or correct its permissions."
                            .formatted(file)
                        + settings.origins().setBy("milepost.audit.file")));
  }

  private static void attempt(List<String> problems, Runnable part) {
    try {
      part.run();
    } catch (SettingsException | StoreException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }
}
