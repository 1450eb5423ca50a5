package dev.milepost.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Attacks a server that has the memory of the image, and checks that it stays up, that it stays
 * below the memory that docs/SECURITY.md states, and that a well-behaved client is served
 * meanwhile.
 */
final class AttackRun {
  /** The flags of deploy/Dockerfile, with the heap that they give in a container of 1 GiB. */
  private static final List<String> MEMORY =
      List.of(
          "-Xmx512m",
          "-XX:MaxDirectMemorySize=192m",
          "-Dio.netty.maxDirectMemory=201326592",
          "-XX:MaxMetaspaceSize=128m",
          "-XX:ReservedCodeCacheSize=64m");

  private static final long MAX_RESIDENT_MIB = 992;
  private static final long MAX_LOG_BYTES_PER_SECOND = 1_024;
  private static final int ATTACKERS = 2;
  private static final int LARGE_JOBS = 20;

  private final int seconds;

  /**
   * @param seconds how long each attack takes
   */
  AttackRun(int seconds) {
    this.seconds = seconds;
  }

  /** What an attack did; no violation if all guarantees held. */
  record Outcome(String summary, List<String> violations) {}

  /** Returns how a client fares without an attack. */
  Outcome calm(Path directory) throws IOException, InterruptedException {
    return run("NONE", List.of(), directory);
  }

  /** Makes one attack on a server of its own. */
  Outcome attack(Attack attack, Path directory) throws IOException, InterruptedException {
    List<Attack> attacks = new ArrayList<>();
    for (int i = 0; i < ATTACKERS; i++) {
      attacks.add(attack);
    }
    return run(attack.name(), attacks, directory);
  }

  /** Returns the size of a log, apart from what the audit says of the well-behaved client. */
  private static long logged(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .filter(line -> !line.contains(" user=" + PlainClient.USER + " "))
          .mapToLong(String::length)
          .sum();
    }
  }

  private Outcome run(String name, List<Attack> attacks, Path directory)
      throws IOException, InterruptedException {
    Path log = directory.resolve(name + ".log");
    List<String> violations = new ArrayList<>();
    List<Attacker> attackers = new ArrayList<>();
    String store = "sqlite:" + directory.resolve(name + ".db");
    try (ServerNode server = new ServerNode(log, store, MEMORY)) {
      server.awaitReady();
      try (GoodClient owner = new GoodClient(server.address(), Attack.USER);
          GoodClient client = new GoodClient(server.address(), PlainClient.USER)) {
        owner.createLargeJobs(LARGE_JOBS);
        long logged = logged(log);
        try {
          for (Attack attack : attacks) {
            Attacker attacker = new Attacker(attack, server.port(), attackers.size());
            attackers.add(attacker);
            attacker.start();
          }
          client.callFor(seconds);
        } finally {
          for (Attacker attacker : attackers) {
            attacker.close();
          }
        }
        long logRate = (logged(log) - logged) / seconds;
        long resident = server.residentMib();
        if (!server.isRunning()) {
          violations.add("the server has ended; its log is " + log);
        }
        if (resident > MAX_RESIDENT_MIB) {
          violations.add("it used %d MiB, more than %d".formatted(resident, MAX_RESIDENT_MIB));
        }
        if (logRate > MAX_LOG_BYTES_PER_SECOND) {
          violations.add("its log grew by %d bytes per second: %s".formatted(logRate, log));
        }
        if (!client.failures().isEmpty()) {
          violations.add("calls of the well-behaved client failed: " + client.failures());
        }
        return new Outcome(
            "%-16s %,7d calls, p99 %7.1f ms, %3d MiB, log %,d B/s"
                .formatted(name, client.calls(), client.p99Millis(), resident, logRate),
            violations);
      }
    }
  }
}
