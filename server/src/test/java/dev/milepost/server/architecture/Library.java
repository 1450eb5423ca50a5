package dev.milepost.server.architecture;

import java.util.List;
import java.util.stream.Stream;

/**
 * A library that only the packages that list it may use. A library that is neither here nor in
 * {@link #FOR_ALL} may be used nowhere.
 */
enum Library {
  FILES("files", "java.nio.file.Path", "java.nio.channels.FileChannel"),
  HTTP_CLIENT("HTTP client", "java.net.http.HttpClient"),
  GSON("Gson", "com.google.gson"),
  JETTY("Jetty", "org.eclipse.jetty"),
  HTTP_RULES("google.api", "com.google.api"),
  JDBC("JDBC", "java.sql.Connection", "javax.sql.DataSource"),
  JAVA_LOGGING("java.util.logging", "java.util.logging.Logger"),
  GRPC("gRPC", "io.grpc"),
  NETTY("Netty", "io.netty"),
  LONG_RUNNING("google.longrunning", "com.google.longrunning"),
  SQLITE("SQLite driver", "org.sqlite"),
  POSTGRES("PostgreSQL driver", "org.postgresql"),
  FLYWAY("Flyway", "org.flywaydb"),
  LETTUCE("Lettuce", "io.lettuce"),
  GUICE("Guice", "com.google.inject"),
  INJECT("jakarta.inject", "jakarta.inject"),
  MICROMETER("Micrometer", "io.micrometer", "io.prometheus"),
  CONFIG("Typesafe Config", "com.typesafe"),
  PICOCLI("picocli", "picocli"),
  PROGRESS_BAR("progressbar", "me.tongfei"),
  LOGBACK("Logback", "ch.qos.logback"),
  JOSE("Nimbus JOSE", "com.nimbusds"),
  UUID_CREATOR("UUID Creator", "com.github.f4b6a3"),
  YAML("SnakeYAML", "org.snakeyaml"),
  SLF4J("SLF4J", "org.slf4j");

  /** Every package may use these, and what is below them, unless a library above takes it out. */
  static final List<String> FOR_ALL =
      List.of(
          "java",
          "javax",
          "com.google.protobuf",
          "com.google.rpc",
          "dev.milepost.v1",
          "dev.milepost.storage.v1",
          "org.jspecify");

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // Stream.toList() is unmodifiable.
  private final List<String> samples;

  /**
   * @param samples one per package of the library: a class of the JDK, or the name of a package
   */
  Library(String title, String... samples) {
    this.title = title;
    this.samples = Stream.of(samples).map(Library::sample).toList();
  }

  private static String sample(String name) {
    boolean isClass = Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1));
    return isClass ? name : name + '.' + PlantedCode.TARGET;
  }

  /** Returns the name in the documentation. */
  String title() {
    return title;
  }

  /** Returns the names of classes of it, one per package; those outside the JDK do not exist. */
  List<String> samples() {
    return samples;
  }

  /** Returns whether a package belongs to it. */
  boolean contains(String packageName) {
    return samples.stream()
        .map(sample -> sample.substring(0, sample.lastIndexOf('.')))
        .anyMatch(own -> isWithin(packageName, own));
  }

  static boolean isForAll(String packageName) {
    return FOR_ALL.stream().anyMatch(own -> isWithin(packageName, own))
        && Stream.of(values()).noneMatch(library -> library.contains(packageName));
  }

  private static boolean isWithin(String packageName, String root) {
    return packageName.equals(root) || packageName.startsWith(root + '.');
  }
}
