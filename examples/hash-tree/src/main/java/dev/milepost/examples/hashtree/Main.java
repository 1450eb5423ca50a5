package dev.milepost.examples.hashtree;

import java.io.FileDescriptor;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Entry point of the hash-tree example. */
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(
        run(Terminal.stream(FileDescriptor.out), Terminal.stream(FileDescriptor.err), args));
  }

  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine command = new CommandLine(new HashTreeCommand(out));
    command.setOut(new PrintWriter(out, true, Terminal.CHARSET));
    command.setErr(new PrintWriter(err, true, Terminal.CHARSET));
    command.setExecutionExceptionHandler((e, line, parsed) -> failed(e, err));
    command.setParameterExceptionHandler(
        (e, arguments) -> {
          err.println("hash-tree: " + e.getMessage() + " (see hash-tree --help)");
          return 2;
        });
    return command.execute(args);
  }

  private static int failed(Exception e, PrintStream err) {
    err.println("hash-tree: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
    return e instanceof UsageException ? 2 : 1;
  }
}
