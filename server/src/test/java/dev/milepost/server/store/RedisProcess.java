package dev.milepost.server.store;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis of a single test, which can be killed and restarted. Its program comes with the tests;
 * MILEPOST_TEST_REDIS_PROGRAM names another.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final int port = freePort();
  private final Path directory;
  private final Map<String, String> settings;
  private Process process;

  private RedisProcess(Map<String, String> settings) throws IOException {
    this.settings = settings;
    this.directory = Files.createTempDirectory("milepost-redis");
  }

  /**
   * Starts a Redis that writes each change to disk before it responds.
   *
   * @param settings further settings, by name
   */
  public static RedisProcess start(Map<String, String> settings) {
    try {
      RedisProcess redis = new RedisProcess(settings);
      redis.start();
      return redis;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Restarts it with what it wrote to disk. */
  public void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Program.FILE.getPath());
    command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
    command.addAll(List.of("--dir", directory.toString()));
    if (!settings.containsKey("appendonly")) {
      command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
    }
    settings.forEach(
        (name, value) -> {
          command.add("--" + name);
          command.addAll(List.of(value.split(" ")));
        });
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException(
            "Redis did not start:\n" + Files.readString(directory.resolve("log")));
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private boolean isReady() {
    try {
      return send("PING").startsWith("+");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Closes every connection of other clients.
   *
   * @return number of closed connections
   */
  public int cutConnections() throws IOException {
    int cut = 0;
    for (String type : List.of("normal", "pubsub")) {
      cut += Integer.parseInt(send("CLIENT KILL TYPE " + type).substring(1));
    }
    return cut;
  }

  /** Sends one line, and returns the first line of the response, or of its text. */
  public String send(String line) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String answer = reader.readLine();
      if (answer != null && answer.startsWith("$")) {
        answer = reader.readLine();
      }
      return answer == null ? "" : answer;
    }
  }

  /** Returns a section of what it says about itself. */
  public String info(String section) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(5_000);
      String commands = "INFO " + section + "\r\nQUIT\r\n";
      socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Stops the process where it is. Its connections stay open, and nothing responds. */
  public void freeze() {
    Signals.send("STOP", process.pid());
  }

  /** Lets a frozen process go on. */
  public void thaw() {
    Signals.send("CONT", process.pid());
  }

  /** Ends it like a crash. */
  public void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("Redis did not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public int port() {
    return port;
  }

  /** The URL of its database 0. */
  public String url() {
    return "redis://localhost:" + port;
  }

  @Override
  public void close() {
    kill();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unpacked on first use. */
  private static final class Program {
    private static final File FILE = find();

    private static File find() {
      String given = System.getenv("MILEPOST_TEST_REDIS_PROGRAM");
      try {
        return given != null && !given.isEmpty()
            ? new File(given)
            : ExecutableProvider.newJarResourceProvider().get();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
