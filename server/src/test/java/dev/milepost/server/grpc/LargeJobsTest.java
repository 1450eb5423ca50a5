package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever reads many jobs holds few of them at a time. */
@Tag("slow")
class LargeJobsTest {
  @TempDir Path directory;

  @Test
  void everyCallWorksOnMoreJobsThanFitIntoTheHeap() throws Exception {
    Path output = directory.resolve("output.txt");
    Process process = LargeJobsServer.start(directory.resolve("jobs.db"), output);
    try {
      assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).as(() -> read(output)).isZero();
    assertThat(read(output)).contains("done\n");
  }

  private static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
