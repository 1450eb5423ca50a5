package dev.milepost.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server process that keeps its port when it restarts. Servers that log to the same directory
 * share the key of their page tokens, as servers on one store must. Thread-safe.
 */
final class ServerNode implements AutoCloseable {
  private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long STOP_TIMEOUT_SECONDS = 30;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path log;
  private final String store;
  private final List<String> flags;
  private final int port;
  private Process process;

  ServerNode(Path log, String store) throws IOException {
    this(log, store, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
  }

  /**
   * @param flags of its JVM
   */
  ServerNode(Path log, String store, List<String> flags) throws IOException {
    this.log = log;
    this.flags = flags;
    this.store = store;
    try (ServerSocket socket = new ServerSocket(0)) {
      this.port = socket.getLocalPort();
    }
    this.process = launch();
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(flags);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "dev.milepost.server.Main",
            "--store",
            store,
            "--listen",
            address(),
            "--http-listen",
            "off",
            "--exit-with",
            Long.toString(ProcessHandle.current().pid())));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("MILEPOST_"));
    builder
        .environment()
        .put("MILEPOST_TOKEN_KEY_FILE", log.resolveSibling("token-key").toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  String address() {
    return "localhost:" + port;
  }

  /**
   * Waits until it accepts connections. A server that cannot reach its store exits, and is
   * restarted here as a supervisor would.
   */
  void awaitReady() throws IOException {
    long deadline = System.nanoTime() + START_TIMEOUT_NANOS;
    while (!acceptsConnections()) {
      ensureRunning();
      if (System.nanoTime() > deadline) {
        throw new IOException("the server does not start; its log is " + log);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private boolean acceptsConnections() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Kills the process. */
  synchronized void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Shuts the server down gracefully. */
  synchronized void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  /** Restarts the server if it is not running. */
  synchronized void ensureRunning() throws IOException {
    if (!process.isAlive()) {
      process = launch();
    }
  }

  /** Suspends or resumes the process. */
  void pause(boolean paused) throws IOException {
    List<String> signal = List.of("kill", paused ? "-STOP" : "-CONT", "" + pid());
    new ProcessBuilder(signal).start().onExit().join();
  }

  private synchronized long pid() {
    return process.pid();
  }

  int port() {
    return port;
  }

  synchronized boolean isRunning() {
    return process.isAlive();
  }

  /** Returns the most memory that the process has had at a time, or 0 if the system cannot tell. */
  long residentMib() throws IOException {
    Path status = Path.of("/proc", Long.toString(pid()), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024)
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() {
    kill();
  }
}
