package dev.milepost.cli.jobs;

import dev.milepost.cli.Environment;
import dev.milepost.cli.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Asks before something is changed that cannot be changed back. */
final class Confirmation {
  private final Environment environment;

  Confirmation(Environment environment) {
    this.environment = environment;
  }

  /**
   * Whether the person at the terminal says yes. Anything but yes is no.
   *
   * @throws UsageException if there is no person to ask
   */
  boolean ask(String question) {
    if (!environment.terminal().interactive()) {
      throw new UsageException(question + " Nobody can be asked here: add --yes.");
    }
    environment.terminal().out().print(question + " [y/N] ");
    environment.terminal().out().flush();
    try {
      @Nullable String answer =
          new BufferedReader(new InputStreamReader(environment.input(), StandardCharsets.UTF_8))
              .readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    } catch (IOException e) {
      return false;
    }
  }
}
