package dev.milepost.server.http;

import dev.milepost.server.http.transcode.Transcoder;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Sites without services, for tests of what is beside them. */
final class TestSites {
  private TestSites() {}

  /** Serves the files and pages, below a base path. */
  static void serve(HttpServer on, String basePath, boolean isDevelopment) {
    serve(on, basePath, isDevelopment, () -> "", () -> new HealthReport(true, true, List.of()));
  }

  /** Serves these pages for operators. */
  static void serve(HttpServer on, Supplier<String> metrics, Supplier<HealthReport> health) {
    serve(on, "", false, metrics, health);
  }

  private static void serve(
      HttpServer on,
      String basePath,
      boolean isDevelopment,
      Supplier<String> metrics,
      Supplier<HealthReport> health) {
    Transcoder nothing =
        new Transcoder(
            List.of(),
            peer -> {
              throw new AssertionError("There are no services.");
            },
            1024,
            1024,
            Duration.ofSeconds(15),
            basePath);
    HttpOptions options =
        new HttpOptions(
            basePath,
            Set.of(),
            Set.of(),
            Optional.empty(),
            false,
            8192,
            100,
            Duration.ofSeconds(30));
    SiteDescription description = new SiteDescription("1", "localhost:1", basePath, isDevelopment);
    on.serve(options, new Everybody(), new Site(metrics, health, nothing, description));
  }

  /** No limit of connections. */
  private static final class Everybody implements ConnectionGate {
    @Override
    public boolean admit(SocketAddress peer) {
      return true;
    }

    @Override
    public void released(SocketAddress peer) {}
  }
}
