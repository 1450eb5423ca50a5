package dev.milepost.server;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A server as a separate process: how to start it, and its startup messages. */
public final class ServerProcess {
  private ServerProcess() {}

  /** Returns the command that starts it in a directory. */
  public static ProcessBuilder command(Path directory, String... arguments) {
    return command(Main.class, directory, arguments);
  }

  /** Returns the command that starts another program with a server in it. */
  static ProcessBuilder command(Class<?> main, Path directory, String... arguments) {
    String jars = classPath(entry -> !Files.isDirectory(entry));
    String directories = classPath(Files::isDirectory);
    List<String> command = java("-Xmx128m");
    command.addAll(SharedClasses.flags(jars, directories));
    command.addAll(List.of("-cp", jars + File.pathSeparator + directories));
    if (Runtime.version().feature() >= 24) {
      // As in the manifest of the jar.
      command.add(command.size() - 2, "--enable-native-access=ALL-UNNAMED");
    }
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("MILEPOST_HTTP_LISTEN", "off");
    return builder;
  }

  /**
   * Returns the command of a JVM that lives for seconds: parallel collectors and the optimizing
   * compiler cost such a process more than they gain.
   */
  public static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns the command that starts it with the log that it has as shipped. */
  public static ProcessBuilder asShipped(Path directory, String... arguments) {
    ProcessBuilder builder = command(Main.class, directory, arguments);
    List<String> command = builder.command();
    int classPath = command.indexOf("-cp") + 1;
    command.set(
        classPath,
        Arrays.stream(command.get(classPath).split(File.pathSeparator))
            .filter(entry -> !Files.exists(Path.of(entry, "logback-test.xml")))
            .collect(Collectors.joining(File.pathSeparator)));
    return builder;
  }

  /** Returns a part of this process's class path, valid in every directory. */
  private static String classPath(Predicate<Path> part) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().normalize())
        .filter(part)
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Returns its output until it is ready, or until its end. */
  public static List<String> greeting(Process child) throws IOException {
    BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.equals("Milepost is ready.")) {
        break;
      }
    }
    return lines;
  }

  /** Returns the port in the startup messages. */
  public static int port(List<String> greeting) {
    String address =
        greeting.stream()
            .filter(line -> line.strip().startsWith("address"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no address in " + greeting));
    return Integer.parseInt(address.replaceAll(".*:(\\d+) .*", "$1"));
  }
}
