package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --check-config} and {@code --print-config}, and what a start says of the settings. */
class ConfigCommandsTest {
  @TempDir Path directory;

  private final List<Process> children = new ArrayList<>();

  @AfterEach
  void stop() {
    children.forEach(Process::destroyForcibly);
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder = ServerProcess.command(directory, arguments);
    builder.environment().putAll(environment);
    // Without the configuration of the log that tests have.
    builder.command().replaceAll(part -> part.replaceAll("[^:]*/test-classes(:|$)", ""));
    Process child = builder.redirectError(directory.resolve("stderr").toFile()).start();
    children.add(child);
    return child;
  }

  private String stderr() throws IOException {
    return Files.readString(directory.resolve("stderr"));
  }

  /** Returns what a command prints when it ends with this code. */
  private String output(int code, Map<String, String> environment, String... arguments)
      throws Exception {
    Process child = start(environment, arguments);
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as(() -> output).isEqualTo(code);
    return output;
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  @Test
  void aCheckOpensNothing() throws Exception {
    file("milepost.conf", "milepost.limits.user-streams = 3\n");
    file("tasks.yaml", "tasks:\n  - name: a\n    scope: GLOBAL\n    steps: [{name: b, type: c}]\n");
    assertThat(
            output(
                0,
                Map.of(),
                "--check-config",
                "--config",
                "milepost.conf",
                "--tasks",
                "tasks.yaml"))
        .isEqualTo("The settings are valid.\n");
    assertThat(stderr()).isEmpty();
    try (var files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("milepost.conf", "tasks.yaml", "stderr");
    }
  }

  @Test
  void aCheckNamesEveryProblem() throws Exception {
    file("tasks.yaml", "tasks:\n  - name: a b\n");
    file("tls.crt", "none");
    file("tls.key", "none");
    file("data.key", "short");
    output(
        1,
        Map.of(
            "MILEPOST_AUTH_TOKENS_FILE", "tokens.json",
            "MILEPOST_TLS_CERTIFICATE", "tls.crt",
            "MILEPOST_TLS_KEY", "tls.key",
            "MILEPOST_TOKEN_KEY_FILE", "data.key",
            "MILEPOST_STORE", "postgresql://ann:hunt#er2@h/db"),
        "--check-config",
        "--tasks",
        "tasks.yaml");
    assertThat(stderr().lines())
        .anyMatch(
            line ->
                line.startsWith(
                        "The token file " + directory.resolve("tokens.json") + " does not exist")
                    && line.endsWith("It is set by MILEPOST_AUTH_TOKENS_FILE."))
        .anyMatch(
            line ->
                line.startsWith("TLS cannot be used: " + directory.resolve("tls.crt"))
                    && line.endsWith("It is set by MILEPOST_TLS_CERTIFICATE."))
        .anyMatch(
            line ->
                line.contains("tasks.yaml cannot be read or is damaged (line 2")
                    && line.endsWith("It is set by --tasks."))
        .anyMatch(line -> line.contains("data.key is damaged"))
        .anyMatch(
            line ->
                line.startsWith(
                    "The store's URL has the character # in its user or password: write it as"
                        + " %23."))
        .hasSize(5);
    assertThat(stderr()).doesNotContain("er2");
  }

  @Test
  void settingsArePrintedWithTheirOrigins() throws Exception {
    file("milepost.conf", "\nmilepost.limits.user-streams = 3\nmilepost.listen = \"localhost:1\"");
    assertThat(
            output(
                0,
                Map.of("MILEPOST_STORE", "redis://:hunter2@db/0", "MILEPOST_LISTEN", "localhost:2"),
                "--print-config",
                "--keep-failed=5d",
                "--config",
                "milepost.conf"))
        .contains("milepost.store = \"redis://***@db/...\"  # MILEPOST_STORE\n")
        .contains("milepost.listen = \"localhost:2\"  # MILEPOST_LISTEN\n")
        .contains("milepost.limits.user-streams = 3  # milepost.conf:2\n")
        .contains("milepost.jobs.retention.failed = \"5d\"  # --keep-failed\n")
        .contains("milepost.jobs.lease = \"30s\"  # default\n");
    output(1, Map.of("MILEPOST_JOBS_PRIORITY", "x"), "--print-config");
    assertThat(stderr()).contains("MILEPOST_JOBS_PRIORITY").contains("milepost.jobs.priority");
  }

  @Test
  void aStartWarnsOfWhatIsProbablyAMistake() throws Exception {
    List<String> greeting =
        ServerProcess.greeting(
            start(
                Map.of("MILEPOST_AUTH_TOKENS_FILE", "tokens.json", "MILEPOST_HOME", "/opt"),
                "--listen",
                "localhost:0",
                "--store",
                "sqlite:data/jobs.db"));
    Path store = directory.resolve("data/jobs.db");
    assertThat(greeting).anyMatch(line -> line.matches(" +store +sqlite:" + store));
    assertThat(stderr())
        .contains("The token file " + directory.resolve("tokens.json") + " does not exist")
        .contains("The path of the store is relative to the working directory: it is " + store)
        .contains("It is set by --store.")
        .contains("The environment variable MILEPOST_HOME is none of Milepost's");
  }

  @Test
  void aRefusedStoreNamesItsOrigin() throws Exception {
    output(1, Map.of("MILEPOST_STORE", "postgresql://ann:hunter 2@h/db"));
    assertThat(stderr())
        .isEqualTo(
            "The store's URL has a space in its user or password: write it as %20. Use"
                + " postgresql://USER:PASSWORD@HOST:PORT/DATABASE. The store is set by"
                + " MILEPOST_STORE.\n");
  }
}
