package dev.milepost.examples.recipes;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobSpec;
import dev.milepost.v1.Job;
import java.util.List;
import java.util.Map;

/**
 * A job with a log: stages, lines with context, counters and a result, in the process that wants
 * the work done. Argument: [SERVER].
 */
public final class UserSync {
  private UserSync() {}

  public static void main(String[] args) {
    List<String> users = List.of("ann@example.org", "bob@example.org", "carol", "dave@example.org");
    try (JobClient client = JobClient.connect(args.length > 0 ? args[0] : "localhost:7300")) {
      Job job = sync(client, users);
      System.out.println(job.getId() + " " + job.getStatus().getState());
    }
  }

  static Job sync(JobClient client, List<String> users) {
    JobSpec spec = JobSpec.of("user-sync").displayName("Sync users").params(Map.of("batch", 100));
    return client.run(
        spec,
        job -> {
          JobLogger log = job.logger();
          log.setStage("Loading users", "from the directory");
          log.info("Loaded", Map.of("users", users.size()));

          log.setStage("Syncing users");
          for (String user : job.track(users, "users")) {
            if (user.contains("@")) {
              log.addOutcome("synced", 1);
            } else {
              // One bad row is a line and a counter, not the end of the job.
              log.warning("Skipped a user without an address", Map.of("user", user));
              log.addOutcome("skipped", 1);
            }
          }
          log.milestone("Sync complete", Map.of("total", users.size()));
          job.result(Map.of("directory", "main"));
        });
  }
}
