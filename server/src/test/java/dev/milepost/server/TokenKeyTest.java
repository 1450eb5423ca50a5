package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenKeyTest {
  private static final int SERVERS = 8;

  @TempDir private Path directory;

  @Test
  void serversThatStartConcurrentlyShareOneKey() throws Exception {
    Path file = directory.resolve("shared").resolve("tokens.key");
    CyclicBarrier start = new CyclicBarrier(SERVERS);
    Callable<String> server =
        () -> {
          start.await();
          return HexFormat.of().formatHex(TokenKey.load(settings(file)));
        };
    ExecutorService servers = Executors.newFixedThreadPool(SERVERS);
    try {
      List<Future<String>> keys =
          servers.invokeAll(Stream.generate(() -> server).limit(SERVERS).toList());
      Set<String> distinct = keys.stream().map(TokenKeyTest::of).collect(Collectors.toSet());
      assertThat(distinct).containsExactly(HexFormat.of().formatHex(Files.readAllBytes(file)));
    } finally {
      servers.shutdownNow();
    }
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void onlyTheOwnerCanReadTheKey() throws Exception {
    Path file = directory.resolve("tokens.key");
    TokenKey.load(settings(file));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aDamagedKeyIsRefusedAndNotReplaced() throws Exception {
    Path file = Files.write(directory.resolve("tokens.key"), new byte[] {1, 2, 3});
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> TokenKey.load(settings(file)))
        .withMessageContaining("Delete it");
    assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
  }

  private static Settings settings(Path file) {
    return Settings.with(Map.of("milepost.token-key-file", file.toString()));
  }

  private static String of(Future<String> key) {
    try {
      return key.get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
