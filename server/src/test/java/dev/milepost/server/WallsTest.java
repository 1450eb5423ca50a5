package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls stand, and each of them would fall if somebody walked through it. */
class WallsTest {
  private static final String ROOT = "dev.milepost.server";
  private static final String BROKEN = ROOT + ".fixture";

  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages(ROOT);

  private static final JavaClasses BROKEN_HOUSE = new ClassFileImporter().importPackages(BROKEN);

  /** For each room, the rooms that the design does not let it import, written out. */
  private static final Map<String, Set<String>> MUST_NOT_IMPORT =
      Map.ofEntries(
          Map.entry(
              "job",
              Set.of(
                  "access",
                  "store",
                  "store.memory",
                  "store.sqlite",
                  "store.redis",
                  "store.postgres",
                  "watch",
                  "grpc",
                  "http",
                  "upkeep",
                  "task",
                  "metrics",
                  "settings")),
          Map.entry(
              "access",
              Set.of("store", "watch", "grpc", "http", "upkeep", "task", "metrics", "settings")),
          Map.entry(
              "store",
              Set.of(
                  "access",
                  "store.sqlite",
                  "watch",
                  "grpc",
                  "http",
                  "upkeep",
                  "task",
                  "metrics",
                  "settings")),
          Map.entry(
              "store.memory",
              Set.of("store.sqlite", "watch", "grpc", "http", "access", "metrics", "settings")),
          Map.entry(
              "store.engine",
              Set.of(
                  "store.memory",
                  "store.sql",
                  "store.sqlite",
                  "store.redis",
                  "store.postgres",
                  "watch",
                  "grpc",
                  "settings")),
          Map.entry(
              "store.sql",
              Set.of(
                  "store.memory",
                  "store.sqlite",
                  "store.postgres",
                  "watch",
                  "grpc",
                  "http",
                  "access",
                  "metrics",
                  "settings")),
          Map.entry(
              "store.sqlite",
              Set.of("store.memory", "watch", "grpc", "http", "access", "metrics", "settings")),
          Map.entry(
              "store.redis",
              Set.of(
                  "store.postgres",
                  "store.sql",
                  "watch",
                  "grpc",
                  "http",
                  "access",
                  "metrics",
                  "settings")),
          Map.entry(
              "store.postgres",
              Set.of("store.redis", "watch", "grpc", "http", "access", "metrics", "settings")),
          Map.entry(
              "watch",
              Set.of("store.sqlite", "grpc", "http", "upkeep", "task", "metrics", "settings")),
          Map.entry("grpc", Set.of("http", "upkeep", "metrics", "settings")),
          Map.entry(
              "http", Set.of("job", "store", "grpc", "upkeep", "task", "metrics", "settings")),
          Map.entry(
              "upkeep", Set.of("task", "store.sqlite", "grpc", "http", "metrics", "settings")),
          Map.entry(
              "copy",
              Set.of(
                  "access",
                  "store.sqlite",
                  "store.postgres",
                  "watch",
                  "grpc",
                  "http",
                  "upkeep",
                  "task",
                  "metrics",
                  "settings")),
          Map.entry(
              "metrics",
              Set.of("job", "access", "store.memory", "store.sqlite", "http", "task", "settings")),
          Map.entry("webhook", Set.of("upkeep", "watch", "grpc", "http", "settings")),
          Map.entry("settings", Set.of("store", "watch", "upkeep", "http", "cli")),
          Map.entry("cli", Set.of("grpc", "http", "watch", "upkeep")),
          Map.entry(
              "task", Set.of("upkeep", "store.sqlite", "grpc", "http", "metrics", "settings")));

  static Stream<Arguments> walls() {
    return arguments(ROOT);
  }

  static Stream<Arguments> wallsOfTheBrokenHouse() {
    return arguments(BROKEN);
  }

  private static Stream<Arguments> arguments(String root) {
    return new Walls(root)
        .all().entrySet().stream().map(wall -> Arguments.of(wall.getKey(), wall.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("walls")
  void stands(String name, ArchRule wall) {
    wall.check(SERVER);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wallsOfTheBrokenHouse")
  void falls(String name, ArchRule wall) {
    assertThat(wall.evaluate(BROKEN_HOUSE).hasViolation()).isTrue();
  }

  static Stream<Arguments> forbiddenPairs() {
    return MUST_NOT_IMPORT.entrySet().stream()
        .flatMap(room -> room.getValue().stream().map(other -> Arguments.of(room.getKey(), other)));
  }

  @ParameterizedTest(name = "{0} imports {1}")
  @MethodSource("forbiddenPairs")
  void fallsForEachRoomThatMustNotBeImported(String room, String other) {
    assertThat(violations(room + " and the other rooms"))
        .anyMatch(
            line ->
                line.contains(BROKEN + "." + room + ".Wrong")
                    && line.contains("<" + BROKEN + "." + other + ".Room>"));
  }

  static Stream<Arguments> forbiddenLibraries() {
    return Stream.of(
        Arguments.of("job", "io.grpc.Status"),
        Arguments.of("job", "java.sql.Connection"),
        Arguments.of("job", "com.google.inject.Injector"),
        Arguments.of("access", "io.grpc.Status"),
        Arguments.of("access", "java.sql.Connection"),
        Arguments.of("store", "io.grpc.Status"),
        Arguments.of("store", "java.sql.Connection"),
        Arguments.of("store.memory", "java.sql.Connection"),
        Arguments.of("store.engine", "java.sql.Connection"),
        Arguments.of("store.engine", "io.grpc.Status"),
        Arguments.of("store.sql", "io.grpc.Status"),
        Arguments.of("store.sqlite", "io.grpc.Status"),
        Arguments.of("store.redis", "java.sql.Connection"),
        Arguments.of("store.postgres", "io.grpc.Status"),
        Arguments.of("watch", "io.grpc.Status"),
        Arguments.of("grpc", "java.sql.Connection"),
        Arguments.of("http", "java.sql.Connection"),
        Arguments.of("upkeep", "io.grpc.Status"),
        Arguments.of("task", "io.grpc.Status"),
        Arguments.of("copy", "io.grpc.Status"),
        Arguments.of("copy", "java.sql.Connection"),
        Arguments.of("metrics", "java.sql.Connection"));
  }

  @ParameterizedTest(name = "{0} imports {1}")
  @MethodSource("forbiddenLibraries")
  void fallsForEachLibraryThatMustNotBeImported(String room, String library) {
    assertThat(violations(room + " and libraries"))
        .anyMatch(line -> line.contains(room + ".Wrong") && line.contains("<" + library + ">"));
  }

  @ParameterizedTest(name = "{0} imports Micrometer")
  @ValueSource(
      strings = {"job", "access", "store", "store.sqlite", "watch", "grpc", "http", "upkeep"})
  void fallsForEachRoomThatImportsMicrometer(String room) {
    assertThat(violations("Micrometer"))
        .anyMatch(
            line ->
                line.contains(room + ".Wrong")
                    && line.contains("<io.micrometer.core.instrument.MeterRegistry>"));
  }

  @Test
  void allowsWhatTheDesignAllows() {
    assertThat(violations("grpc and the other rooms"))
        .noneMatch(line -> line.contains("<" + BROKEN + ".watch.Room>"))
        .noneMatch(line -> line.contains("<" + BROKEN + ".store.Room>"));
    assertThat(violations("store.sqlite and the other rooms"))
        .noneMatch(line -> line.contains("<" + BROKEN + ".store.Room>"));
    assertThat(violations("store.sqlite and libraries"))
        .noneMatch(line -> line.contains("java.sql"));
    assertThat(violations("store and the other rooms"))
        .as("of the stores' interface, not of the stores below it")
        .allMatch(line -> line.contains(BROKEN + ".store.Wrong"));
  }

  @Test
  void everyRoomOfTheDesignHasItsWalls() {
    assertThat(Walls.rooms())
        .containsExactlyInAnyOrder(
            "job",
            "access",
            "store",
            "store.memory",
            "store.engine",
            "store.sql",
            "store.sqlite",
            "store.redis",
            "store.postgres",
            "watch",
            "app",
            "grpc",
            "http",
            "upkeep",
            "task",
            "copy",
            "copy.remote",
            "metrics",
            "settings",
            "store.open",
            "copy.remote",
            "webhook",
            "concurrent",
            "cli");
  }

  @Test
  void theServerIsLookedAtAndItsTestsAreNot() {
    assertThat(SERVER.contain("dev.milepost.server.job.JobRules")).isTrue();
    assertThat(SERVER.contain(WallsTest.class.getName())).isFalse();
  }

  private static List<String> violations(String name) {
    ArchRule wall = new Walls(BROKEN).all().get(name);
    assertThat(wall).as(name).isNotNull();
    return wall.evaluate(BROKEN_HOUSE).getFailureReport().getDetails();
  }
}
