package dev.milepost.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which command lines are read without picocli, and that they mean the same. */
class ServerOptionsTest {
  @Test
  void optionsWithTheirValuesArePlain() {
    assertThat(
            ServerOptions.plain(
                "--store",
                "sqlite:a b=c.db",
                "--listen=localhost:0",
                "--metrics-address",
                "off",
                "--config=a.conf",
                "--exit-with",
                "17"))
        .hasValue(
            new ServerOptions("sqlite:a b=c.db", "localhost:0", "off", Path.of("a.conf"), 17L));
    assertThat(ServerOptions.plain()).hasValue(new ServerOptions(null, null, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "token list",
        "--nonsense",
        "--nonsense=1",
        "--store",
        "--store=",
        "--store --listen",
        "--store memory: --store memory:",
        "--store @file",
        "--store 'memory:'",
        "--store memory: more",
        "@file",
        "--exit-with me"
      })
  void everythingElseIsLeftToPicocli(String line) {
    assertThat(ServerOptions.plain(line.split(" "))).isEmpty();
  }
}
