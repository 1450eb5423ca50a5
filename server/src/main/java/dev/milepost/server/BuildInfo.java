package dev.milepost.server;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.CodeSource;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this server was built from, as the manifest of its jar says.
 *
 * @param version of the jar; "development" if the server does not run from one
 * @param commit of the sources, with "-dirty" if they had changes; "unknown" if the build was not
 *     told
 */
record BuildInfo(String version, String commit) {
  /** The attribute of the manifest that has the commit. */
  static final String COMMIT = "Implementation-Build";

  static final String UNKNOWN = "unknown";

  private static final Logger LOG = LoggerFactory.getLogger(BuildInfo.class);
  private static final String DEVELOPMENT = "development";

  /** Of the running server. */
  static BuildInfo current() {
    return Running.INFO;
  }

  /** Of a jar, or of a directory with classes. */
  static BuildInfo of(File place) {
    if (!place.isFile()) {
      return new BuildInfo(DEVELOPMENT, UNKNOWN);
    }
    try (JarFile jar = new JarFile(place)) {
      Manifest manifest = jar.getManifest();
      return new BuildInfo(
          attribute(manifest, "Implementation-Version", DEVELOPMENT),
          attribute(manifest, COMMIT, UNKNOWN));
    } catch (IOException e) {
      LOG.debug("The manifest of the jar cannot be read.", e);
      return new BuildInfo(DEVELOPMENT, UNKNOWN);
    }
  }

  private static String attribute(@Nullable Manifest manifest, String name, String absent) {
    String value = manifest == null ? null : manifest.getMainAttributes().getValue(name);
    return value == null || value.isBlank() ? absent : value;
  }

  /** As one line, for people. */
  @Override
  public String toString() {
    return version + " (commit " + commit + ")";
  }

  /** Read on first use. */
  private static final class Running {
    private static final BuildInfo INFO = find();

    private static BuildInfo find() {
      CodeSource source = BuildInfo.class.getProtectionDomain().getCodeSource();
      try {
        return source == null || source.getLocation() == null
            ? new BuildInfo(DEVELOPMENT, UNKNOWN)
            : of(new File(source.getLocation().toURI()));
      } catch (URISyntaxException | IllegalArgumentException e) {
        LOG.debug("The place of the jar is no file.", e);
        return new BuildInfo(DEVELOPMENT, UNKNOWN);
      }
    }
  }
}
