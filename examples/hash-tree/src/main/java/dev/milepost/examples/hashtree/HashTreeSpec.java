package dev.milepost.examples.hashtree;

import dev.milepost.client.JobParams;
import dev.milepost.client.JobSpec;
import dev.milepost.v1.JobTrigger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * Which tree to hash, and where to write the manifest.
 *
 * @param root the tree's root, as {@link Path#toRealPath} gives it
 * @param manifest absolute path of the manifest
 */
record HashTreeSpec(Path root, Path manifest) {
  /** A label that finds all such jobs, as each tree has its own job type. */
  static final String LABEL = "example";

  private static final String NAME = "hash-tree";
  private static final int MAX_DISPLAY_NAME = 256;

  static HashTreeSpec of(JobParams params) {
    return new HashTreeSpec(
        Path.of(params.getString("root")), Path.of(params.getString("manifest")));
  }

  /**
   * Returns the type of the job. A tree can be read on its own machine only, and a manifest is
   * written by one job at a time. So each combination of machine, tree and manifest has its own
   * type, and a worker claims only the jobs that it can do.
   */
  String type() {
    String identity = hostName() + "\n" + root + "\n" + manifest;
    UUID hash = UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8));
    return NAME + ":" + hash.toString().substring(0, 8);
  }

  /**
   * Returns the spec of the job.
   *
   * @param lease how long the server waits for a silent run before it gives the job to another
   */
  JobSpec toJob(Duration lease) {
    return JobSpec.of(type())
        .displayName(abbreviate(NAME + " " + root))
        .label(LABEL, NAME)
        .trigger(JobTrigger.JOB_TRIGGER_MANUAL)
        .params(Map.of("root", root.toString(), "manifest", manifest.toString()))
        .lease(lease)
        .cancelGrace(Duration.ofSeconds(10))
        .maxRetries(10)
        .retryBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10), 2);
  }

  private static String abbreviate(String name) {
    return name.length() <= MAX_DISPLAY_NAME ? name : name.substring(0, MAX_DISPLAY_NAME - 1) + "…";
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
