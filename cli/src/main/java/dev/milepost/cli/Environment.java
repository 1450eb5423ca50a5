package dev.milepost.cli;

import dev.milepost.cli.output.Terminal;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;

/**
 * What surrounds a command: a test gives its own.
 *
 * @param terminal where output goes
 * @param input standard input
 * @param variables environment variables
 * @param home the user's home directory
 * @param zone the time zone that times are shown in
 */
public record Environment(
    Terminal terminal, InputStream input, Map<String, String> variables, Path home, ZoneId zone) {
  /** That of this process. */
  public static Environment ofProcess() {
    Map<String, String> variables = System.getenv();
    return new Environment(
        Terminal.ofProcess(variables),
        System.in,
        variables,
        Path.of(System.getProperty("user.home")),
        ZoneId.systemDefault());
  }
}
