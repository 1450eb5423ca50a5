package dev.milepost.cli.doctor;

import dev.milepost.cli.output.Times;
import dev.milepost.client.CallerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whom the server takes the caller for, and for how long. */
final class CallerChecks {
  private static final Duration SOON = Duration.ofDays(1);

  private CallerChecks() {}

  static List<Finding> run(CallerInfo caller) {
    List<Finding> findings = new ArrayList<>();
    String roles =
        caller.roles().stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
    findings.add(
        Finding.ok(
            "caller",
            "You are "
                + caller.userId()
                + " of "
                + caller.tenantId()
                + ", with the roles "
                + roles
                + "."));
    Instant now = Instant.now();
    Optional<Instant> expiry = caller.expireTime();
    if (expiry.isPresent() && expiry.get().isBefore(now.plus(SOON))) {
      findings.add(
          Finding.warning(
              "credentials",
              "They expire in " + Times.duration(Duration.between(now, expiry.get())) + ".",
              "Make new ones before: milepost token create"));
    }
    return findings;
  }
}
