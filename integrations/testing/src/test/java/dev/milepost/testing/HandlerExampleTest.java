package dev.milepost.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.v1.AttemptOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples of the README, which are tests of a handler in ten lines. */
class HandlerExampleTest {
  // begin
  @MilepostTest
  static class UserSyncTest {
    @Test
    void syncsAllUsers(TestServer server, JobClient client) {
      JobHandle job = client.create(JobSpec.of("sync").params(Map.of("users", List.of("a", "b"))));
      server.run(job, new UserSync());
      server.history(job).assertSucceeded().assertOutcome("synced", 2).assertStages("Syncing");
    }
  }

  // end

  // begin
  @Test
  void syncsAllUsersWithoutAServer() {
    JobSpec spec = JobSpec.of("sync").params(Map.of("users", List.of("a", "b")));
    FakeJobContext context = FakeJobContext.of(spec);
    assertEquals(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED, context.run(new UserSync()));
    assertEquals(Map.of("synced", 2L), context.outcome());
  }
  // end
}
