package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the image gives the JVM fits into the container that the manifests give the image. */
class ContainerMemoryTest {
  /** Stacks of some 40 threads, the garbage collector and the C library. */
  private static final long OTHER_MIB = 96;

  private static long number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static String read(String file) throws IOException {
    return Files.readString(Path.of("..").resolve(file));
  }

  @Test
  void theSumFitsAndIsTheOneInTheDocument() throws IOException {
    String manifest = read("deploy/kubernetes/milepost.yaml");
    long container = number(manifest, "limits: \\{memory: (\\d+)Gi\\}") * 1_024;
    assertThat(number(read("deploy/compose.yaml"), "mem_limit: (\\d+)g") * 1_024)
        .isEqualTo(container);
    String image = read("deploy/Dockerfile");
    long buffers = number(image, "MaxDirectMemorySize=(\\d+)m");
    assertThat(number(image, "io.netty.maxDirectMemory=(\\d+)")).isEqualTo(buffers << 20);
    long sum =
        container * number(image, "MaxRAMPercentage=(\\d+)") / 100
            + buffers
            + number(image, "MaxMetaspaceSize=(\\d+)m")
            + number(image, "ReservedCodeCacheSize=(\\d+)m")
            + OTHER_MIB;
    assertThat(sum).isLessThan(container);
    assertThat(read("docs/SECURITY.md")).contains("| sum | | " + sum + " |", "**" + sum + " MiB**");
  }
}
