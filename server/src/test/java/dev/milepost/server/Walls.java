package dev.milepost.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The walls between the rooms of the server: what each may import and what it never does.
 *
 * <p>Written over a root package, so that the same walls can be tried on a house that breaks them
 * all.
 */
final class Walls {
  private static final List<String> DRIVERS =
      List.of(
          "java.sql..",
          "javax.sql..",
          "org.sqlite..",
          "org.postgresql..",
          "com.zaxxer..",
          "org.flywaydb..",
          "org.jdbi..",
          "io.lettuce..",
          "redis.clients..");

  private static final List<String> SQL_DRIVERS =
      DRIVERS.stream()
          .filter(driver -> !driver.contains("lettuce") && !driver.startsWith("redis"))
          .toList();

  /** The clocks and the dice that a pure rule must not touch. */
  private static final Set<String> IMPURE =
      Set.of(
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.util.UUID.randomUUID",
          "java.lang.Math.random",
          "java.util.concurrent.ThreadLocalRandom.current");

  private static final Set<String> SLEEP =
      Set.of("java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep");

  /** Helpers for threads: every other room may import it. */
  private static final String CONCURRENT = "concurrent";

  /** Room, and the other rooms that it may import. */
  private static final Map<String, Set<String>> MAY_IMPORT = new LinkedHashMap<>();

  static {
    Set<String> stores = Set.of("store.memory", "store.sqlite", "store.redis", "store.postgres");
    MAY_IMPORT.put("job", Set.of());
    MAY_IMPORT.put("access", Set.of("job"));
    MAY_IMPORT.put("store", Set.of("job"));
    MAY_IMPORT.put("store.memory", Set.of("job", "store", "store.engine"));
    // What the stores share that have an engine, and those of them that keep their jobs in tables.
    MAY_IMPORT.put("store.engine", Set.of("job", "store"));
    MAY_IMPORT.put("store.sql", Set.of("job", "store", "store.engine"));
    MAY_IMPORT.put("store.redis", Set.of("job", "store", "store.engine"));
    MAY_IMPORT.put("store.sqlite", Set.of("job", "store", "store.engine", "store.sql"));
    MAY_IMPORT.put("store.postgres", Set.of("job", "store", "store.engine", "store.sql"));
    MAY_IMPORT.put("store.open", union(stores, Set.of("job", "store")));
    MAY_IMPORT.put("watch", Set.of("job", "store"));
    MAY_IMPORT.put("app", Set.of("job", "access", "store", "watch", "task"));
    MAY_IMPORT.put("grpc", Set.of("job", "access", "store", "watch", "task", "app", "copy"));
    MAY_IMPORT.put("http", Set.of());
    MAY_IMPORT.put("upkeep", Set.of("job", "store", "watch"));
    MAY_IMPORT.put("webhook", Set.of("job", "store"));
    MAY_IMPORT.put("task", Set.of("job", "store", "watch"));
    MAY_IMPORT.put("copy", Set.of("job", "store"));
    MAY_IMPORT.put("copy.remote", Set.of("job", "access", "store", "store.open", "copy"));
    MAY_IMPORT.put("metrics", Set.of("store", "watch", "app", "upkeep", "webhook"));
    MAY_IMPORT.put("settings", Set.of("job", "access", "app", "grpc"));
    MAY_IMPORT.put(
        "cli", Set.of("job", "settings", "store", "store.open", "copy", "copy.remote", "access"));
    MAY_IMPORT.put(CONCURRENT, Set.of());
  }

  private final String root;

  Walls(String root) {
    this.root = root;
  }

  static Set<String> rooms() {
    return MAY_IMPORT.keySet();
  }

  /** All walls, by name. */
  Map<String, ArchRule> all() {
    Map<String, ArchRule> walls = new LinkedHashMap<>();
    rooms().forEach(room -> walls.put(room + " and the other rooms", otherRooms(room)));
    walls.put("job and libraries", jobIsPure());
    walls.put("job and the clock", jobHasNoClock());
    walls.put("access and libraries", never("access", libraries("io.grpc..", "java.sql..")));
    walls.put("store and libraries", never("store", union(DRIVERS, "io.grpc..")));
    walls.put("store.memory and libraries", never("store.memory", union(DRIVERS, "io.grpc..")));
    walls.put("store.engine and libraries", never("store.engine", union(DRIVERS, "io.grpc..")));
    walls.put(
        "store.sql and libraries",
        never(
            "store.sql",
            libraries(
                "io.grpc..",
                "org.sqlite..",
                "org.postgresql..",
                "com.zaxxer..",
                "io.lettuce..",
                "redis.clients..")));
    walls.put(
        "store.sqlite and libraries",
        never(
            "store.sqlite",
            libraries("io.grpc..", "org.postgresql..", "io.lettuce..", "redis.clients..")));
    walls.put("store.redis and libraries", never("store.redis", union(SQL_DRIVERS, "io.grpc..")));
    walls.put(
        "store.postgres and libraries",
        never(
            "store.postgres",
            libraries("io.grpc..", "org.sqlite..", "io.lettuce..", "redis.clients..")));
    walls.put("watch and libraries", never("watch", libraries("io.grpc..")));
    walls.put("grpc and libraries", never("grpc", DRIVERS));
    walls.put("app and libraries", never("app", union(DRIVERS, "io.grpc..")));
    walls.put("http and libraries", never("http", union(DRIVERS, "io.grpc..")));
    walls.put("upkeep and libraries", never("upkeep", libraries("io.grpc..")));
    walls.put("webhook and libraries", never("webhook", libraries("io.grpc..")));
    walls.put("task and libraries", never("task", libraries("io.grpc..")));
    walls.put("copy and libraries", never("copy", union(DRIVERS, "io.grpc..")));
    walls.put("metrics and libraries", never("metrics", DRIVERS));
    walls.put("Micrometer", onlyMetricsKnowsMicrometer());
    walls.put("top and everybody", nobodyImportsTop());
    walls.put("Guice", onlyTopKnowsGuice());
    walls.put("no cycles", noCycles());
    walls.put("no standard streams", noStandardStreams());
    walls.put("no java.util.logging", noJavaUtilLogging());
    walls.put("no sleep", noSleep());
    walls.put("no room without a name", everyRoomIsNamed());
    return walls;
  }

  private ArchRule otherRooms(String room) {
    String[] others =
        rooms().stream()
            .filter(other -> !other.equals(room) && !other.equals(CONCURRENT))
            .filter(other -> !MAY_IMPORT.get(room).contains(other))
            .map(this::packagesOf)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(packagesOf(room))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .as(room + " imports of other rooms only " + MAY_IMPORT.get(room))
        .allowEmptyShould(true);
  }

  private ArchRule never(String room, List<String> libraries) {
    return noClasses()
        .that()
        .resideInAPackage(packagesOf(room))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries.toArray(String[]::new))
        .as(room + " never imports " + libraries)
        .allowEmptyShould(true);
  }

  private ArchRule jobIsPure() {
    DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> allowed =
        resideInAnyPackage(
                root + ".job..",
                "java..",
                "com.google.protobuf..",
                "com.google.rpc..",
                "dev.milepost.v1..",
                "dev.milepost.storage.v1..",
                "org.jspecify..")
            .and(
                resideOutsideOfPackages(
                    "java.sql..", "java.nio.file..", "java.nio.channels..", "java.net.http.."));
    return classes()
        .that()
        .resideInAPackage(packagesOf("job"))
        .should()
        .onlyDependOnClassesThat(allowed)
        .as("job imports java.*, protobuf, google.rpc and milepost messages, and nothing else")
        .allowEmptyShould(true);
  }

  private ArchRule jobHasNoClock() {
    return noClasses()
        .that()
        .resideInAPackage(packagesOf("job"))
        .should()
        .accessTargetWhere(calls(IMPURE))
        .as("job reads no clock and throws no dice")
        .allowEmptyShould(true);
  }

  private ArchRule nobodyImportsTop() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(root)
        .as("the top package is imported by nobody")
        .allowEmptyShould(true);
  }

  private ArchRule onlyTopKnowsGuice() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.inject..")
        .as("nobody but the top package imports Guice")
        .allowEmptyShould(true);
  }

  private ArchRule onlyMetricsKnowsMicrometer() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(packagesOf("metrics"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .as("nobody but metrics imports Micrometer")
        .allowEmptyShould(true);
  }

  private ArchRule noCycles() {
    return slices()
        .matching(root + ".(*)..")
        .should()
        .beFreeOfCycles()
        .as("rooms do not import each other in a circle")
        .allowEmptyShould(true);
  }

  private ArchRule noStandardStreams() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(root, packagesOf("cli"))
        .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
        .as("nobody but the top package and cli writes to System.out or System.err")
        .allowEmptyShould(true);
  }

  private ArchRule noJavaUtilLogging() {
    return noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.logging..")
        .as("nobody logs through java.util.logging")
        .allowEmptyShould(true);
  }

  private ArchRule noSleep() {
    return noClasses()
        .should()
        .accessTargetWhere(calls(SLEEP))
        .as("nobody sleeps")
        .allowEmptyShould(true);
  }

  private ArchRule everyRoomIsNamed() {
    return classes()
        .should()
        .resideInAnyPackage(
            Stream.concat(Stream.of(root), rooms().stream().map(this::packagesOf))
                .toArray(String[]::new))
        .as("every class lives in a room that has its walls")
        .allowEmptyShould(true);
  }

  /** These two have packages below them with rules of their own. */
  private String packagesOf(String room) {
    return root + "." + room + (Set.of("store", "copy").contains(room) ? "" : "..");
  }

  private static DescribedPredicate<JavaAccess<?>> calls(Set<String> methods) {
    return DescribedPredicate.describe(
        "one of " + methods,
        access -> {
          AccessTarget target = access.getTarget();
          return methods.contains(target.getOwner().getFullName() + "." + target.getName());
        });
  }

  private static List<String> libraries(String... packages) {
    return List.of(packages);
  }

  private static List<String> union(List<String> libraries, String more) {
    List<String> all = new ArrayList<>(libraries);
    all.add(more);
    return all;
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    return Set.copyOf(Stream.concat(one.stream(), other.stream()).toList());
  }
}
