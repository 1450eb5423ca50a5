package dev.milepost.cli.doctor;

import dev.milepost.cli.output.Times;
import dev.milepost.client.JobClient;
import dev.milepost.v1.GetServerInfoResponse;
import dev.milepost.v1.StoreDescription;
import dev.milepost.v1.StoreDurability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server says about itself: version, clock, store. */
final class ServerChecks {
  private static final Duration MAX_CLOCK_DIFFERENCE = Duration.ofSeconds(5);
  private static final Duration MAX_FEED_LAG = Duration.ofSeconds(10);

  private ServerChecks() {}

  /** Checks what it says; throws what the call throws. */
  static List<Finding> run(JobClient client, @Nullable String ownVersion) {
    Instant asked = Instant.now();
    GetServerInfoResponse info = client.admin().serverInfo();
    Instant answered = Instant.now();
    List<Finding> findings = new ArrayList<>();
    findings.add(version(info.getVersion(), ownVersion));
    findings.add(clock(info, asked, answered));
    findings.addAll(store(info.getStore()));
    return findings;
  }

  private static Finding version(String server, @Nullable String own) {
    return own == null || server.equals(own)
        ? Finding.ok("version", "The server is " + server + ".")
        : Finding.warning(
            "version",
            "The server is " + server + ", this command " + own + ".",
            "Use the command of the same version if something is missing.");
  }

  // The server's clock is its start plus its uptime; what the call took is the uncertainty.
  private static Finding clock(GetServerInfoResponse info, Instant asked, Instant answered) {
    Instant there =
        Times.instant(info.getStartTime())
            .plusSeconds(info.getUptime().getSeconds())
            .plusNanos(info.getUptime().getNanos());
    Duration ahead =
        there.isAfter(answered)
            ? Duration.between(answered, there)
            : there.isBefore(asked) ? Duration.between(there, asked) : Duration.ZERO;
    if (ahead.compareTo(MAX_CLOCK_DIFFERENCE) <= 0) {
      return Finding.ok("clock", "The server's clock is as ours.");
    }
    return Finding.warning(
        "clock",
        "The server's clock is "
            + Times.duration(ahead)
            + (there.isAfter(answered) ? " ahead of" : " behind")
            + " ours.",
        "Set both by NTP: times that people see, and tokens that expire, depend on it.");
  }

  private static List<Finding> store(StoreDescription store) {
    List<Finding> findings = new ArrayList<>();
    if (!store.getAvailable()) {
      findings.add(
          Finding.failure(
              "store",
              "The " + store.getKind() + " store cannot be reached, or accepts no changes.",
              "Look at the server's log and at /health/ready for the cause."));
    } else if (store.getDurability() == StoreDurability.STORE_DURABILITY_NONE) {
      findings.add(
          Finding.warning(
              "store",
              "Jobs are lost when the server stops: its store is " + store.getKind() + ".",
              "Start the server with --store sqlite:FILE for all but tests."));
    } else {
      findings.add(Finding.ok("store", store.getKind() + ": " + store.getDurabilityNote()));
    }
    Duration lag =
        Duration.ofSeconds(store.getFeedLag().getSeconds(), store.getFeedLag().getNanos());
    if (lag.compareTo(MAX_FEED_LAG) > 0) {
      findings.add(
          Finding.warning(
              "feed",
              "News of other servers are " + Times.duration(lag) + " old.",
              "Look at the connection between the server and its store."));
    }
    return findings;
  }
}
