package dev.milepost.examples.hashtree;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the README shows, as a program. */
final class ReadmeExample {
  private final List<String> users;
  private final Consumer<String> sync;

  ReadmeExample(List<String> users, Consumer<String> sync) {
    this.users = users;
    this.sync = sync;
  }

  void run() {
    // README begins
    try (JobClient client = JobClient.connect("localhost:7300")) {
      client.run(
          JobSpec.of("user-sync").params(Map.of("batch", 100)),
          context -> {
            JobLogger log = context.logger();
            log.setStage("Loading users");
            for (String user : context.track(users, "users")) { // total, progress, cancel check
              sync(user);
              log.addOutcome("synced", 1);
            }
            log.milestone("Sync complete", Map.of("total", users.size()));
          });
    }
    // README ends
  }

  private void sync(String user) {
    sync.accept(user);
  }
}
