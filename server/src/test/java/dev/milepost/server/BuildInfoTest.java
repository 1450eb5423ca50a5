package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildInfoTest {
  @TempDir Path directory;

  private BuildInfo of(String... attributes) throws IOException {
    Path file = directory.resolve("a.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    for (int i = 0; i < attributes.length; i += 2) {
      manifest.getMainAttributes().putValue(attributes[i], attributes[i + 1]);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      new JarOutputStream(out, manifest).close();
    }
    return BuildInfo.of(file.toFile());
  }

  @Test
  void theManifestSaysWhatTheJarWasBuiltFrom() throws IOException {
    assertThat(of("Implementation-Version", "1.2.3", BuildInfo.COMMIT, "59fbbf5-dirty"))
        .isEqualTo(new BuildInfo("1.2.3", "59fbbf5-dirty"))
        .hasToString("1.2.3 (commit 59fbbf5-dirty)");
  }

  @Test
  void whatTheManifestDoesNotSayIsUnknown() throws IOException {
    assertThat(of("Implementation-Version", "1.2.3").commit()).isEqualTo("unknown");
    assertThat(of(BuildInfo.COMMIT, " ")).isEqualTo(new BuildInfo("development", "unknown"));
    assertThat(BuildInfo.of(directory.toFile())).isEqualTo(new BuildInfo("development", "unknown"));
  }

  /** The jar's manifest takes it from the property that the launcher and the CI set. */
  @Test
  void theBuildIsTold() throws IOException {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<" + BuildInfo.COMMIT + ">${build.commit}</" + BuildInfo.COMMIT + ">");
    assertThat(Files.readString(Path.of("..", "pom.xml")))
        .contains("<build.commit>" + BuildInfo.UNKNOWN + "</build.commit>");
    assertThat(Files.readString(Path.of("..", "milepost"))).contains("-Dbuild.commit=");
    assertThat(Files.readString(Path.of("..", ".ci", "run"))).contains("-Dbuild.commit=");
  }
}
