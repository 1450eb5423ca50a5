package dev.milepost.faults;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.core.ExecutableProvider;

/** An embedded Redis that flushes every change to the disk before it answers. */
final class RedisEngine implements Engine {
  private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int TIMEOUT_MILLIS = 5_000;

  private final File program;
  private final Path directory;
  private final int port;
  private Process process;
  private int stores;

  /**
   * Starts Redis.
   *
   * @param given the executable; empty: the bundled one
   */
  RedisEngine(Optional<String> given) throws IOException {
    this.program =
        given.isPresent()
            ? new File(given.get())
            : ExecutableProvider.newJarResourceProvider().get();
    this.directory = Files.createTempDirectory("milepost-faults-redis");
    try (ServerSocket socket = new ServerSocket(0)) {
      this.port = socket.getLocalPort();
    }
    this.process = start();
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
  }

  private Process start() throws IOException {
    Process started =
        new ProcessBuilder(
                program.getPath(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    long deadline = System.nanoTime() + START_TIMEOUT_NANOS;
    while (!isReady()) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("Redis did not start: " + Files.readString(directory.resolve("log")));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return started;
  }

  private boolean isReady() {
    try {
      return send("PING").startsWith("+");
    } catch (IOException e) {
      return false;
    }
  }

  private String send(String line) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
      String answer =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return answer == null ? "" : answer;
    }
  }

  @Override
  public String title() {
    return "Redis";
  }

  @Override
  public synchronized String emptyStore() {
    stores++;
    return "redis://localhost:" + port + "?prefix=faults" + stores;
  }

  @Override
  public synchronized int disconnectFeeds() throws IOException {
    return disconnect("pubsub");
  }

  @Override
  public synchronized int disconnectAll() throws IOException {
    return disconnect("pubsub") + disconnect("normal");
  }

  private int disconnect(String type) throws IOException {
    String answer = send("CLIENT KILL TYPE " + type);
    if (!answer.startsWith(":")) {
      throw new IOException("Redis did not close connections: " + answer);
    }
    return Integer.parseInt(answer.substring(1));
  }

  @Override
  public synchronized void crash() throws IOException {
    kill();
    process = start();
  }

  private void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public synchronized void close() throws IOException {
    kill();
    Directories.remove(directory);
  }
}
