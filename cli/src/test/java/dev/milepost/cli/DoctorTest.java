package dev.milepost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.cli.CommandLineTester.Result;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Planted faults, each of which the doctor names with what helps. */
@Timeout(60)
class DoctorTest {
  private static final Duration AHEAD = Duration.ofHours(1);

  @TempDir Path directory;

  @Test
  void isContentWithAWorkingServer() throws IOException {
    try (MilepostServer server =
        start(Map.of("milepost.store", "sqlite:" + directory.resolve("jobs.db")))) {
      Result result = examine(server);

      assertThat(result.exit()).isZero();
      assertThat(result.out())
          .contains("ok       port", "ok       clock", "ok       store", "ok       changes")
          .contains("ok       watches")
          .doesNotContain("warning")
          .endsWith("The server can be used.\n");
      assertThat(run(server, "list").err()).startsWith("There are no jobs.");
    }
  }

  @Test
  void findsAServerThatIsNotThere() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    Result result = CommandLineTester.run(Map.of(), "", "doctor", "-a", "localhost:" + port);

    assertThat(result.exit()).isEqualTo(ExitCodes.FAILED);
    assertThat(result.out())
        .contains("FAILED   port          Nothing listens at localhost:" + port)
        .contains("→ Start the server");
  }

  @Test
  void findsANameThatDoesNotExist() {
    assertThat(
            CommandLineTester.run(Map.of(), "", "doctor", "-a", "no-such-host.invalid:7300").out())
        .contains("FAILED   name          The name no-such-host.invalid is not known.");
  }

  @Test
  void findsAPortThatIsNoNumber() {
    assertThat(CommandLineTester.run(Map.of(), "", "doctor", "-a", "localhost:http").out())
        .contains("FAILED   address       localhost:http has no port number.");
  }

  @Test
  void findsTlsAgainstPlaintext() {
    try (MilepostServer server = start(Map.of())) {
      Result result = run(server, "doctor", "--tls", "--call-timeout", "2s");

      assertThat(result.exit()).isEqualTo(ExitCodes.FAILED);
      assertThat(result.out()).contains("FAILED   server").contains("say --tls or --no-tls");
    }
  }

  @Test
  void findsATokenThatTheServerDoesNotKnow() throws IOException {
    Path token = directory.resolve("wrong.token");
    Files.writeString(token, "mlp_0123456789abcdef0123456789abcdef");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    Path tokens = directory.resolve("tokens.json");
    try (MilepostServer server = start(Map.of("milepost.auth.tokens.file", tokens.toString()))) {
      Result result = run(server, "doctor", "--token-file", token.toString());

      assertThat(result.exit()).isEqualTo(ExitCodes.FAILED);
      assertThat(result.out()).contains("FAILED   credentials").doesNotContain("mlp_0123");
    }
  }

  @Test
  void findsATokenThatOthersMayRead() throws IOException {
    Path token = directory.resolve("open.token");
    Files.writeString(token, "mlp_0123456789abcdef0123456789abcdef");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
    try (MilepostServer server = start(Map.of())) {
      assertThat(run(server, "doctor", "--token-file", token.toString()).out())
          .contains("warning  token file    Others on this machine may read " + token)
          .contains("→ chmod 600 " + token);
    }
  }

  @Test
  void findsATokenFileThatIsMissing() {
    Path token = directory.resolve("missing.token");

    assertThat(
            CommandLineTester.run(Map.of(), "", "doctor", "--token-file", token.toString()).out())
        .contains("FAILED   token file    There is no file " + token);
  }

  @Test
  void findsAStoreThatForgets() {
    try (MilepostServer server = start(Map.of())) {
      Result result = examine(server);

      assertThat(result.exit()).isZero();
      assertThat(result.out())
          .contains("warning  store         Jobs are lost when the server stops")
          .contains("→ Start the server with --store sqlite:FILE");
    }
  }

  @Test
  void findsAClockThatIsWrong() {
    TimeSource ahead =
        new TimeSource() {
          @Override
          public Instant instant() {
            return Instant.now().plus(AHEAD);
          }

          @Override
          public long nanoTime() {
            return System.nanoTime();
          }
        };
    try (MilepostServer server = MilepostServer.start(settings(Map.of()), ahead)) {
      assertThat(run(server, "doctor", "--read-only").out())
          .contains("warning  clock         The server's clock is")
          .contains("ahead of ours.")
          .contains("→ Set both by NTP");
    }
  }

  @Test
  void findsALimitThatIsNear() {
    try (MilepostServer server = start(Map.of("milepost.limits.user-jobs", "10"))) {
      for (int i = 0; i < 9; i++) {
        run(server, "submit", "t");
      }
      Result result = run(server, "doctor");

      assertThat(result.out())
          .contains("warning  limits        9 of 10 jobs of milepost.limits.user-jobs are used.")
          .contains("FAILED   changes");
      assertThat(run(server, "list", "-t", "milepost-doctor").err()).isEqualTo("No job matches.\n");
    }
  }

  private Result examine(MilepostServer server) {
    return run(server, "doctor");
  }

  private static Result run(MilepostServer server, String... arguments) {
    return CommandLineTester.run(
        Map.of(
            "MILEPOST_ADDRESS",
            "localhost:" + server.port(),
            "MILEPOST_USER",
            "alice",
            "MILEPOST_ROLE",
            "user,operator"),
        "",
        arguments);
  }

  private static MilepostServer start(Map<String, String> more) {
    return MilepostServer.start(settings(more));
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "milepost.store", "memory:",
                "milepost.listen", "localhost:0",
                "milepost.http.listen", "off",
                "milepost.limits.drain-timeout", "1s"));
    all.putAll(more);
    return Settings.with(all);
  }
}
