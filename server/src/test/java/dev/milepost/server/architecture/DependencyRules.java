package dev.milepost.server.architecture;

import static dev.milepost.server.architecture.Library.CONFIG;
import static dev.milepost.server.architecture.Library.FILES;
import static dev.milepost.server.architecture.Library.FLYWAY;
import static dev.milepost.server.architecture.Library.GRPC;
import static dev.milepost.server.architecture.Library.GSON;
import static dev.milepost.server.architecture.Library.GUICE;
import static dev.milepost.server.architecture.Library.HTTP_CLIENT;
import static dev.milepost.server.architecture.Library.HTTP_RULES;
import static dev.milepost.server.architecture.Library.INJECT;
import static dev.milepost.server.architecture.Library.JDBC;
import static dev.milepost.server.architecture.Library.JETTY;
import static dev.milepost.server.architecture.Library.JOSE;
import static dev.milepost.server.architecture.Library.LETTUCE;
import static dev.milepost.server.architecture.Library.LOGBACK;
import static dev.milepost.server.architecture.Library.LONG_RUNNING;
import static dev.milepost.server.architecture.Library.MICROMETER;
import static dev.milepost.server.architecture.Library.NETTY;
import static dev.milepost.server.architecture.Library.PICOCLI;
import static dev.milepost.server.architecture.Library.POSTGRES;
import static dev.milepost.server.architecture.Library.PROGRESS_BAR;
import static dev.milepost.server.architecture.Library.SQLITE;
import static dev.milepost.server.architecture.Library.UUID_CREATOR;
import static dev.milepost.server.architecture.Library.YAML;

import java.util.List;
import java.util.Set;

/**
 * The dependency rules of the server. The checks, the violations that prove them, and the check of
 * the tables in {@code docs/ARCHITECTURE.md} are all made from this data.
 */
final class DependencyRules {
  private static final String STORES = " store.memory store.sqlite store.postgres store.redis";

  /** Each package uses only packages above it, so there is no cycle. */
  static final List<PackageRule> PACKAGES =
      List.of(
          PackageRule.of("concurrent", ""),
          PackageRule.of("disk", "", FILES),
          PackageRule.of("log", "concurrent disk", FILES, JDBC, LOGBACK),
          PackageRule.pure("job"),
          PackageRule.of("wire", "job", GRPC),
          PackageRule.of("access", "concurrent disk job log", FILES, HTTP_CLIENT, JOSE),
          PackageRule.of("store", "concurrent job"),
          PackageRule.of("store.engine", "concurrent job store"),
          PackageRule.of("store.memory", "concurrent job store store.engine"),
          PackageRule.of("store.sql", "concurrent job store store.engine", JDBC),
          PackageRule.of(
              "store.sqlite",
              "concurrent disk job store store.engine store.sql",
              FILES,
              JDBC,
              SQLITE),
          PackageRule.of(
              "store.postgres",
              "concurrent job store store.engine store.sql",
              FLYWAY,
              JDBC,
              POSTGRES),
          PackageRule.of("store.redis", "concurrent job store store.engine", LETTUCE, NETTY),
          PackageRule.of("store.open", "concurrent job store" + STORES, FILES),
          PackageRule.of("watch", "concurrent job store"),
          PackageRule.of("upkeep", "concurrent job store watch"),
          PackageRule.of("webhook", "concurrent job store watch", NETTY),
          PackageRule.of("task", "concurrent job store watch", YAML),
          PackageRule.of("copy", "concurrent job store"),
          PackageRule.of("remote", "access store", FILES, GRPC),
          PackageRule.of("copy.remote", "copy job remote store store.open", FILES, GRPC),
          PackageRule.of("workers", "access job store"),
          PackageRule.of("statistics", "job store watch"),
          PackageRule.of(
              "app",
              "access concurrent job statistics store task watch workers",
              INJECT,
              UUID_CREATOR),
          PackageRule.of("transport", "app concurrent", GRPC, NETTY),
          PackageRule.of(
              "grpc",
              "access app concurrent copy job store task transport watch wire",
              GRPC,
              INJECT,
              LONG_RUNNING,
              NETTY,
              UUID_CREATOR),
          PackageRule.of(
              "grpc.operations",
              "access app grpc job store task watch",
              GRPC,
              INJECT,
              LONG_RUNNING),
          PackageRule.of("metrics", "app concurrent store upkeep watch webhook", GRPC, MICROMETER),
          PackageRule.of("http.transcode", "", GRPC, GSON, HTTP_RULES, JETTY),
          PackageRule.of("http", "http.transcode", JETTY),
          PackageRule.of("settings", "", CONFIG, FILES),
          PackageRule.of(
              "cli",
              "access copy copy.remote job log remote settings store store.open",
              CONFIG,
              FILES,
              GRPC,
              PICOCLI,
              PROGRESS_BAR),
          PackageRule.of(
              "",
              "access app cli concurrent copy copy.remote disk grpc grpc.operations http"
                  + " http.transcode job log metrics remote settings statistics store store.engine"
                  + " store.open store.sql task transport upkeep watch webhook wire workers"
                  + STORES,
              CONFIG,
              FILES,
              GRPC,
              GUICE,
              INJECT,
              NETTY,
              PICOCLI));

  static final List<Restriction> RESTRICTIONS =
      List.of(
          new Restriction(
              "clock and random numbers",
              List.of(
                  "java.time.Instant.now()",
                  "java.time.LocalDate.now()",
                  "java.time.LocalDateTime.now()",
                  "java.time.OffsetDateTime.now()",
                  "java.time.ZonedDateTime.now()",
                  "java.time.Clock.systemUTC()",
                  "java.time.Clock.systemDefaultZone()",
                  "java.time.InstantSource.system()",
                  "java.lang.System.currentTimeMillis()",
                  "java.util.UUID.randomUUID()",
                  "java.lang.Math.random()",
                  "java.util.concurrent.ThreadLocalRandom.current()"),
              true,
              Set.of("job")),
          new Restriction(
              "elapsed time of the machine",
              List.of("java.lang.System.nanoTime()"),
              false,
              Set.of("concurrent", "store.sqlite", "store.postgres", "store.redis")),
          new Restriction(
              "standard streams",
              List.of(
                  "java.lang.System.in",
                  "java.lang.System.out",
                  "java.lang.System.err",
                  "java.lang.Throwable#printStackTrace()"),
              false,
              Set.of("", "cli")),
          new Restriction(
              "sleep",
              List.of("java.lang.Thread.sleep(1)", "java.util.concurrent.TimeUnit#sleep(1)"),
              false,
              Set.of()));

  private DependencyRules() {}
}
