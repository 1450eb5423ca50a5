package dev.milepost.benchmarks.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process with a new store, which is removed when the server is closed. */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

  /** Short compared with a start, because starts are measured, too. */
  private static final long POLL_MILLIS = 5;

  private static final String ANY_PORT = "localhost:0";

  private static final Pattern ADDRESS = Pattern.compile("^ *address +(\\S+)", Pattern.MULTILINE);

  private static final Pattern HTTP = Pattern.compile("^ *http +(http\\S+)", Pattern.MULTILINE);

  private static final Pattern READY =
      Pattern.compile("^(Milepost is ready|Ready)", Pattern.MULTILINE);

  private final Path directory;
  private final Process process;
  private final Thread hook = new Thread(this::end, "end-server");
  private final String address;

  private ServerProcess(Path directory, Process process) throws IOException, InterruptedException {
    this.directory = directory;
    this.process = process;
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      this.address = awaitReady();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a Milepost server and waits until it serves.
   *
   * @param program what follows {@code java}: {@code -jar FILE}, or a class path and a class
   * @param store URL of a new store; empty: a SQLite file
   * @param settings content of its settings file
   */
  public static ServerProcess start(List<String> program, Optional<String> store, String settings)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("milepost-bench-");
    return start(
        directory,
        store.orElse("sqlite:" + directory.resolve("milepost.db")),
        program,
        settings,
        ANY_PORT);
  }

  /** Starts Milepost on an existing database, which is not removed. */
  public static ServerProcess startOn(Path database, List<String> program, String settings)
      throws IOException, InterruptedException {
    return startOn(database, program, settings, ANY_PORT);
  }

  /**
   * Does the same at a given address.
   *
   * @param address where it listens, as HOST:PORT
   */
  public static ServerProcess startOn(
      Path database, List<String> program, String settings, String address)
      throws IOException, InterruptedException {
    return start(
        Files.createTempDirectory("milepost-bench-"),
        "sqlite:" + database,
        program,
        settings,
        address);
  }

  private static ServerProcess start(
      Path directory, String store, List<String> program, String settings, String address)
      throws IOException, InterruptedException {
    Path config = Files.writeString(directory.resolve("bench.conf"), settings);
    List<String> arguments = new ArrayList<>(program);
    arguments.addAll(
        List.of(
            "--store",
            store,
            "--listen",
            address,
            // Metrics stay on, as by default, but their usual port may be taken.
            "--http-listen",
            ANY_PORT,
            "--config",
            config.toString(),
            "--exit-with",
            Long.toString(ProcessHandle.current().pid())));
    return launch(directory, arguments);
  }

  /**
   * Starts another server of this class path and waits until it serves.
   *
   * @param mainClass prints lines such as {@code address HOST:PORT} and {@code Ready}; its last
   *     argument is the id of this process, with which it must end
   */
  public static ServerProcess startOther(Class<?> mainClass, String... arguments)
      throws IOException, InterruptedException {
    return startOther(List.of(), mainClass, arguments);
  }

  /** Does the same with additional JVM flags. */
  public static ServerProcess startOther(
      List<String> flags, Class<?> mainClass, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass.getName());
    command.addAll(List.of(arguments));
    command.add(Long.toString(ProcessHandle.current().pid()));
    return launch(Files.createTempDirectory("milepost-bench-"), command);
  }

  private static ServerProcess launch(Path directory, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // Settings of the user's own servers must not apply here.
    builder.environment().keySet().removeIf(name -> name.startsWith("MILEPOST_"));
    builder.redirectOutput(directory.resolve("out").toFile());
    builder.redirectError(directory.resolve("err").toFile());
    return new ServerProcess(directory, builder.start());
  }

  private String awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (true) {
      String output = Files.readString(directory.resolve("out"), StandardCharsets.UTF_8);
      if (READY.matcher(output).find()) {
        Matcher matcher = ADDRESS.matcher(output);
        if (matcher.find()) {
          return matcher.group(1);
        }
      }
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        throw new IOException(
            "the server does not start: "
                + output
                + Files.readString(directory.resolve("err"), StandardCharsets.UTF_8));
      }
    }
  }

  /** Its gRPC address, as HOST:PORT. */
  public String address() {
    return address;
  }

  /**
   * Returns the URL of its HTTP port.
   *
   * @throws IOException if it has none
   */
  public String http() throws IOException {
    Matcher matcher =
        HTTP.matcher(Files.readString(directory.resolve("out"), StandardCharsets.UTF_8));
    if (!matcher.find()) {
      throw new IOException("the server has no HTTP port");
    }
    return matcher.group(1);
  }

  /** Its temporary directory, which contains the database of a new store. */
  public Path directory() {
    return directory;
  }

  /** The id of the process. */
  public long pid() {
    return process.pid();
  }

  /** Returns the CPU time that it has used. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Returns the size of its log, mostly audit lines, in bytes. */
  public long logBytes() throws IOException {
    return Files.size(directory.resolve("err"));
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down.
    }
  }

  private synchronized void end() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      remove();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void remove() {
    try {
      Directories.remove(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
