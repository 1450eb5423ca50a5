package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files belong to the server's account alone. */
class FileModesTest {
  @TempDir Path directory;

  /** Runs the command line in the directory, with a umask that takes nothing away. */
  private ProcessBuilder openly(String... arguments) {
    ProcessBuilder builder = ServerProcess.command(directory, arguments);
    List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 000; exec \"$@\"", "sh"));
    command.addAll(builder.command());
    return builder.command(command).redirectErrorStream(true);
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void requirePrivate(Path deep, String... names) throws Exception {
    try (Stream<Path> files = Files.list(deep)) {
      List<String> found = new ArrayList<>();
      for (Path file : files.toList()) {
        found.add(file.getFileName().toString());
        assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
      }
      assertThat(found).contains(names);
    }
    assertThat(mode(deep)).isEqualTo("rwx------");
    assertThat(mode(deep.getParent())).isEqualTo("rwx------");
  }

  @Test
  void whateverIsCreatedIsPrivateUnderAnyUmask() throws Exception {
    Process server =
        openly("--store", "sqlite:new/data/jobs.db", "--listen", "localhost:0").start();
    try {
      assertThat(ServerProcess.greeting(server))
          .anyMatch(line -> line.contains("callers are not authenticated"));
      requirePrivate(
          directory.resolve("new/data"),
          "jobs.db",
          "jobs.db-wal",
          "jobs.db-shm",
          "jobs.db.lock",
          "jobs.db.key");
    } finally {
      server.destroy();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    Process copy =
        openly("copy", "--from", "sqlite:new/data/jobs.db", "--to", "sqlite:new/copy/jobs.db")
            .start();
    assertThat(copy.waitFor(20, TimeUnit.SECONDS)).isTrue();
    requirePrivate(directory.resolve("new/copy"), "jobs.db", "jobs.db.lock");
    Process token =
        openly(
                "token",
                "create",
                "--file",
                "new/tokens/tokens.json",
                "--user",
                "ann",
                "--role",
                "USER",
                "--ttl",
                "1d")
            .start();
    assertThat(token.waitFor(20, TimeUnit.SECONDS)).isTrue();
    requirePrivate(directory.resolve("new/tokens"), "tokens.json", "tokens.json.lock");
  }

  @Test
  void filesThatOthersCanUseAreNamed() throws Exception {
    Path tokens = Files.writeString(directory.resolve("tokens.json"), "{}");
    Path key = Files.writeString(directory.resolve("tls.key"), "key");
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Path database = Files.writeString(directory.resolve("jobs.db"), "");
    Settings settings =
        Settings.with(
            Map.of(
                "milepost.store",
                "sqlite:" + database,
                "milepost.auth.tokens.file",
                tokens.toString(),
                "milepost.auth.jwt.issuer",
                "i",
                "milepost.auth.jwt.audience",
                "a",
                "milepost.auth.jwt.hs256-secret-file",
                secret.toString(),
                "milepost.tls.certificate",
                "tls.crt",
                "milepost.tls.key",
                key.toString()));
    List<Path> files = List.of(tokens, key, secret, database);
    for (Path file : files) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    }
    List<String> warnings = FileModes.warnings(settings);
    assertThat(warnings).hasSize(files.size());
    for (Path file : files) {
      assertThat(warnings)
          .anyMatch(line -> line.contains(file.toString()) && line.contains("chmod 600"));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(FileModes.warnings(settings)).isEmpty();
  }

  @Test
  void aKeySetMayBeReadButNotWritten() throws Exception {
    Path keys = Files.writeString(directory.resolve("jwks.json"), "{}");
    Settings settings =
        Settings.with(
            Map.of(
                "milepost.store", "memory:",
                "milepost.auth.jwt.issuer", "i",
                "milepost.auth.jwt.audience", "a",
                "milepost.auth.jwt.jwks-file", keys.toString()));
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(FileModes.warnings(settings)).isEmpty();
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThat(FileModes.warnings(settings)).singleElement().asString().contains("chmod go-w");
  }
}
