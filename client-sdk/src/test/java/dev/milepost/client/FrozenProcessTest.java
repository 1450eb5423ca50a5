package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests a worker in a process of its own, with a small heap, whose server freezes while its
 * handlers report as much as they can: they end their work, and the JVM exits within its close
 * time. Takes ten seconds, or as many as {@code MILEPOST_TEST_FROZEN_SECONDS} says.
 */
@Tag("slow")
class FrozenProcessTest {
  private static final int SECONDS =
      Integer.parseInt(System.getenv().getOrDefault("MILEPOST_TEST_FROZEN_SECONDS", "10"));

  /** Two seconds for the worker, then its handlers' interrupt and the client. */
  private static final Duration MAX_CLOSE = Duration.ofSeconds(20);

  @Test
  void handlersEndAndTheJvmExitsWhileTheServerIsFrozen() throws Exception {
    FakeServer server = new FakeServer();
    try (CutProxy proxy = new CutProxy(server.port())) {
      Process process = start(proxy.target());
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        await(out, "working");
        proxy.freeze();
        long frozen = System.nanoTime();
        await(out, "ended");
        assertThat(Duration.ofNanos(System.nanoTime() - frozen))
            .isLessThan(Duration.ofSeconds(SECONDS + 15L));

        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        assertThat(process.waitFor(MAX_CLOSE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
      } finally {
        process.destroyForcibly();
      }
    } finally {
      server.close();
    }
  }

  private static Process start(String target) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            List.of(
                java,
                "-Xmx96m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                classPath,
                FrozenWorker.class.getName(),
                target,
                String.valueOf(SECONDS)))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void await(BufferedReader out, String expected) throws IOException {
    String line = out.readLine();
    while (line != null && !line.equals(expected)) {
      line = out.readLine();
    }
    assertThat(line).as("the worker's process has ended early").isEqualTo(expected);
  }
}
