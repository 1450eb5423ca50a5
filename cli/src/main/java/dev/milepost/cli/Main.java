package dev.milepost.cli;

import java.util.logging.Level;
import java.util.logging.Logger;

/** The program. */
public final class Main {
  /** Kept, because java.util.logging holds loggers weakly. */
  private static final Logger ROOT_LOGGER = Logger.getLogger("");

  private Main() {}

  /** Runs one command, and exits with its code: see {@link ExitCodes}. */
  public static void main(String[] arguments) {
    // Commands say themselves what people should know; gRPC and the SDK would log it once more.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    ROOT_LOGGER.setLevel(Level.OFF);
    Environment environment = Environment.ofProcess();
    int exit = MilepostCommand.commandLine(environment).execute(arguments);
    environment.terminal().out().flush();
    environment.terminal().err().flush();
    System.exit(exit);
  }
}
