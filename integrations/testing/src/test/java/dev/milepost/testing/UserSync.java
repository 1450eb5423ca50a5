package dev.milepost.testing;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailure;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobLogger;
import java.util.List;
import java.util.Map;

/** The handler that the tests of this module test: it "syncs" the users of its parameters. */
final class UserSync implements JobHandler {
  @Override
  public void handle(JobContext context) throws JobFailure {
    JobLogger log = context.logger();
    List<?> users = context.params().getList("users");
    if (users.isEmpty()) {
      throw new JobFailure("NO_USERS", "there is nobody to sync", false);
    }
    log.setStage("Syncing", users.size() + " users");
    for (Object user : context.track(users, "users")) {
      log.info("Synced " + user, Map.of("user", user));
      log.addOutcome("synced", 1);
      context.saveCheckpoint(Map.of("last", user));
    }
    log.milestone("All synced");
    context.result(Map.of("total", users.size()));
  }
}
