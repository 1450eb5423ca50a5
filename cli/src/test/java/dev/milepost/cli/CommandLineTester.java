package dev.milepost.cli;

import dev.milepost.cli.output.Terminal;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Executes commands in this process against a real server, and keeps what they print. */
public final class CommandLineTester implements AutoCloseable {
  private final MilepostServer server =
      MilepostServer.start(
          Settings.with(
              Map.of(
                  "milepost.store", "memory:",
                  "milepost.listen", "localhost:0",
                  "milepost.http.listen", "off",
                  "milepost.limits.drain-timeout", "1s")));

  /** Address of the server. */
  public String address() {
    return "localhost:" + server.port();
  }

  /** Executes a command as the user "alice". */
  public Result run(String... arguments) {
    return runWith("", arguments);
  }

  /** Executes a command with this standard input. */
  public Result runWith(String input, String... arguments) {
    return run(Map.of("MILEPOST_ADDRESS", address(), "MILEPOST_USER", "alice"), input, arguments);
  }

  /** An environment in which commands reach the server as the user "alice". */
  Environment environment() {
    return environment(
        Map.of("MILEPOST_ADDRESS", address(), "MILEPOST_USER", "alice"),
        "",
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
  }

  /** Executes a command with these environment variables alone. */
  public static Result run(Map<String, String> variables, String input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Environment environment = environment(variables, input, out, err);
    int exit = MilepostCommand.commandLine(environment).execute(arguments);
    environment.terminal().out().flush();
    environment.terminal().err().flush();
    return new Result(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Environment environment(
      Map<String, String> variables, String input, OutputStream out, OutputStream err) {
    Map<String, String> all = new HashMap<>(variables);
    all.putIfAbsent("MILEPOST_CONFIG", "/does/not/exist/config.yaml");
    return new Environment(
        Terminal.ofStreams(new PrintStream(out, true), new PrintStream(err, true)),
        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        all,
        Path.of("/does/not/exist"),
        ZoneOffset.UTC);
  }

  @Override
  public void close() {
    server.close();
  }

  /**
   * What a command left.
   *
   * @param exit its exit code
   * @param out standard output
   * @param err standard error
   */
  public record Result(int exit, String out, String err) {
    /** The lines of standard output. */
    public List<String> lines() {
      return out.lines().toList();
    }

    /** Standard output, which is one line. */
    public String line() {
      return out.strip();
    }
  }
}
