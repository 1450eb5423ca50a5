package dev.milepost.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.Main;
import dev.milepost.server.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the token command as a separate process. */
class TokenCommandTest {
  @TempDir Path directory;

  private record Outcome(int code, List<String> out, String error) {}

  private Outcome run(String... arguments) throws Exception {
    List<String> command =
        ServerProcess.java(
            "-Xmx128m", "-cp", System.getProperty("java.class.path"), Main.class.getName());
    command.addAll(Arrays.asList(arguments));
    Path error = directory.resolve("stderr");
    Process child =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(error.toFile())
            .start();
    List<String> out = child.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new Outcome(child.exitValue(), out, Files.readString(error));
  }

  private Path settings() throws IOException {
    return Files.writeString(
        directory.resolve("milepost.conf"), "milepost.auth.tokens.file = tokens.json\n");
  }

  @Test
  void createsListsAndRevokesAToken() throws Exception {
    Outcome made =
        run(
            "token",
            "create",
            "--file",
            "tokens.json",
            "--user",
            "ann",
            "--tenant",
            "acme",
            "--role",
            "USER",
            "--role",
            "WORKER",
            "--ttl",
            "90d");
    assertThat(made.error()).contains("ann of acme").contains("not shown again").hasLineCount(1);
    assertThat(made.code()).isZero();
    assertThat(made.out()).hasSize(1);
    String token = made.out().get(0);
    assertThat(token).matches("mlp_[0-9a-f]{16}_[A-Za-z0-9_-]{43}");
    String id = token.substring(4, 20);
    assertThat(made.error()).doesNotContain(token).contains(id);
    assertThat(Files.readString(directory.resolve("tokens.json")))
        .doesNotContain(token.substring(21));

    String config = settings().toString();
    Outcome listed = run("token", "list", "--config", config);
    assertThat(listed.out()).hasSize(2);
    assertThat(listed.out().get(1))
        .contains(id, "valid", "acme", "ann", "USER,WORKER")
        .doesNotContain(token.substring(21));
    assertThat(run("token", "revoke", id, "--config", config).code()).isZero();
    assertThat(run("token", "list", "--config", config).out().get(1)).contains(id, "revoked");
  }

  @Test
  void invalidOptionsAreReportedInOneSentence() throws Exception {
    Outcome noFile = run("token", "list");
    assertThat(noFile.code()).isEqualTo(1);
    assertThat(noFile.error()).contains("--file").hasLineCount(1);
    String config = settings().toString();
    Outcome absent = run("token", "revoke", "0000000000000000", "--config", config);
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.error()).contains("no token with this id").hasLineCount(1);
    Outcome forever =
        run("token", "create", "--config", config, "--user", "a", "--role", "USER", "--ttl", "0d");
    assertThat(forever.code()).isEqualTo(1);
    assertThat(forever.error()).contains("--ttl").hasLineCount(1);
    assertThat(run("token", "create", "--user", "ann").code()).isEqualTo(2);
    assertThat(run("token").code()).isEqualTo(2);
    assertThat(directory.resolve("tokens.json")).doesNotExist();
  }
}
