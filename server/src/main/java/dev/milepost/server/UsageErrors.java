package dev.milepost.server;

import java.io.PrintWriter;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reports an invalid command line. Repeats names of options only: an argument in the wrong place
 * may be the URL of a store, with its password.
 */
final class UsageErrors implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(message(failure));
    command.usage(err);
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String message(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return "Unknown arguments: "
          + unmatched.getUnmatched().stream()
              .map(UsageErrors::redacted)
              .collect(Collectors.joining(" "));
    }
    return String.valueOf(failure.getMessage());
  }

  private static String redacted(String argument) {
    String name = argument.replaceFirst("=.*", "=...");
    return name.matches("--?[A-Za-z][A-Za-z-]{0,30}(=\\.\\.\\.)?") ? name : "...";
  }
}
