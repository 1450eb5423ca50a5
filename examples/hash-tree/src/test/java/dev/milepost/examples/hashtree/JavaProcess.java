package dev.milepost.examples.hashtree;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/** A Java program of this test's class path in its own process, so that it can be killed. */
final class JavaProcess implements AutoCloseable {
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader = new Thread(this::read, "output");

  private JavaProcess(Process process) {
    this.process = process;
    reader.setDaemon(true);
    reader.start();
  }

  static JavaProcess start(String mainClass, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    command.addAll(List.of(arguments));
    return new JavaProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      // The process was killed while it wrote.
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Waits for a line that contains a text, and returns it. */
  String awaitLine(String text) {
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(() -> Assertions.assertThat(lines()).anyMatch(line -> line.contains(text)));
    return lines().stream().filter(line -> line.contains(text)).findFirst().orElseThrow();
  }

  /** Sends SIGTERM. */
  void interrupt() {
    // Process.destroy() would close the pipe and lose the last lines; the handle does not.
    process.toHandle().destroy();
  }

  /** Sends SIGKILL. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  int awaitExit() throws InterruptedException {
    Assertions.assertThat(process.waitFor(90, TimeUnit.SECONDS))
        .withFailMessage(() -> "does not end; its output: " + lines())
        .isTrue();
    reader.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
