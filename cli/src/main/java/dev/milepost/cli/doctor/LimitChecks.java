package dev.milepost.cli.doctor;

import dev.milepost.client.JobClient;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.ServerLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How near the caller is to the limits of its jobs. */
final class LimitChecks {
  private static final double NEAR = 0.9;

  private LimitChecks() {}

  /**
   * Checks.
   *
   * @param userId the caller, whose jobs count
   */
  static List<Finding> run(JobClient client, String userId) {
    Map<String, Long> limits =
        client.admin().serverInfo().getLimitsList().stream()
            .collect(Collectors.toMap(ServerLimit::getName, ServerLimit::getValue, Math::max));
    CountJobsResponse own =
        client.count(JobFilter.newBuilder().setUserId(userId).build(), new JobGroup[0]);
    List<Finding> findings = new ArrayList<>();
    near(findings, limits, "milepost.limits.user-jobs", own.getTotal(), "jobs");
    near(findings, limits, "milepost.limits.user-stored-bytes", own.getStoredBytes(), "bytes");
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              "limits",
              String.format(
                  Locale.ROOT, "%,d jobs of %,d bytes.", own.getTotal(), own.getStoredBytes())));
    }
    return findings;
  }

  private static void near(
      List<Finding> findings, Map<String, Long> limits, String name, long used, String unit) {
    long limit = limits.getOrDefault(name, 0L);
    // A limit of 0 is none.
    if (limit > 0 && used >= NEAR * limit) {
      findings.add(
          Finding.warning(
              "limits",
              String.format(Locale.ROOT, "%,d of %,d %s of %s are used.", used, limit, unit, name),
              "Delete jobs that nobody needs (milepost delete --state finished), or raise it."));
    }
  }
}
