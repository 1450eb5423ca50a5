package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes of jobs reach those who follow them, and nobody else. */
class AttemptHubTest {
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final JobStore store = new MemoryJobStore(new SettableClock(), 1_000);
  private final AttemptHub hub = new AttemptHub(store);
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final AttemptListener listener =
      (key, after) -> seen.add(key.jobId() + (after == null ? " is gone" : ""));

  @AfterEach
  void stop() {
    hub.close();
    store.close();
  }

  private static JobKey key(String id) {
    return new JobKey("acme", id);
  }

  private void create(String id) {
    JobSpec spec = JobSpec.newBuilder().setType("a").build();
    NewJob job = new NewJob(key(id), "ann", "ann", "", "", spec);
    store
        .update(
            Selection.of(key(id)),
            found -> Decision.of(rules.create(job, List.of(), found.clock()), true))
        .toCompletableFuture()
        .join();
  }

  @Test
  void onlyFollowedJobsAreNotified() {
    hub.follow(key("one"), listener);
    create("one");
    create("two");
    assertThat(seen).containsExactly("one");

    hub.unfollow(key("one"), listener);
    hub.unfollow(key("one"), listener);
    assertThat(hub.followed()).isZero();
  }

  @Test
  void afterMissedChangesAllFollowedJobsAreRead() {
    int jobs = 120;
    for (int i = 0; i < jobs; i++) {
      create("job-" + i);
      hub.follow(key("job-" + i), listener);
    }
    hub.follow(key("deleted"), listener);

    hub.readAll();
    hub.readAll();

    await().until(() -> seen.size() >= jobs + 1);
    assertThat(seen).contains("job-0", "job-119", "deleted is gone");
  }
}
