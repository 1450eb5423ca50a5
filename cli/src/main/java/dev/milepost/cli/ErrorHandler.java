package dev.milepost.cli;

import dev.milepost.cli.output.SafeText;
import dev.milepost.client.AccessDeniedException;
import dev.milepost.client.JobException;
import dev.milepost.client.JobNotFoundException;
import dev.milepost.client.ServerUnavailableException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong in one sentence, and what to do next. */
final class ErrorHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {
  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed)
      throws Exception {
    PrintWriter err = command.getErr();
    if (e instanceof UsageException) {
      err.println(e.getMessage());
      return ExitCodes.USAGE;
    }
    if (!(e instanceof JobException)) {
      // A fault of ours: the trace is what a report of it needs.
      throw e;
    }
    err.println(SafeText.lines(String.valueOf(e.getMessage())));
    if (e instanceof ServerUnavailableException) {
      err.println("Is the server running there? Start one with: milepost dev");
      err.println("Name another one with --address HOST:PORT or MILEPOST_ADDRESS.");
      return ExitCodes.UNREACHABLE;
    }
    if (e instanceof AccessDeniedException) {
      err.println("Say who you are with --token-file FILE or MILEPOST_TOKEN_FILE.");
    } else if (e instanceof JobNotFoundException) {
      err.println("Find it with: milepost list --text PART_OF_ITS_NAME");
    }
    return ExitCodes.FAILED;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    // The reason last: it is what remains on the screen.
    if (!UnmatchedArgumentException.printSuggestions(e, err)) {
      err.println("usage: " + command.getHelp().synopsis(0).strip());
    }
    err.println(reason(e));
    err.println("More: " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCodes.USAGE;
  }

  private static String reason(ParameterException e) {
    boolean noCommand =
        e instanceof UnmatchedArgumentException unmatched
            && !unmatched.getUnmatched().isEmpty()
            && !e.getCommandLine().getSubcommands().isEmpty();
    return noCommand
        ? "There is no command " + ((UnmatchedArgumentException) e).getUnmatched().get(0) + "."
        : String.valueOf(e.getMessage());
  }
}
