package dev.milepost.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the three mains, each in its own process, against a real server. */
@Timeout(120)
class QuickstartTest {
  @TempDir Path output;

  private final List<Process> processes = new ArrayList<>();
  private final MilepostServer server =
      MilepostServer.start(
          Settings.with(
              Map.of(
                  "milepost.store", "memory:",
                  "milepost.listen", "localhost:0",
                  "milepost.http.listen", "off",
                  "milepost.limits.drain-timeout", "1s")));

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    server.close();
  }

  @Test
  void worksOnAJobThatACallerCreatesAndAWatcherFollows() throws Exception {
    String address = "localhost:" + server.address().port();

    Process caller = start(CallerMain.class, address);
    String created = awaitLine("CallerMain", "Created ");
    Process watcher = start(WatcherMain.class, created.substring("Created ".length()), address);
    Process worker = start(WorkerMain.class, address);

    assertThat(caller.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(watcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(caller.exitValue()).isZero();
    assertThat(watcher.exitValue()).isZero();
    assertThat(lines("CallerMain")).contains("Result: {folder=/photos/small}");
    assertThat(lines("WatcherMain"))
        .containsSubsequence("Resized sea.jpg", "Resized hill.jpg", "Resized town.jpg", "100 %")
        .containsOnlyOnce("Resized sea.jpg");
    assertThat(worker.isAlive()).isTrue();
  }

  private Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.resolve(main.getSimpleName()).toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    processes.add(process);
    return process;
  }

  private String awaitLine(String program, String prefix) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> lines(program).stream().filter(line -> line.startsWith(prefix)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private List<String> lines(String program) throws IOException {
    return Files.readAllLines(output.resolve(program));
  }
}
