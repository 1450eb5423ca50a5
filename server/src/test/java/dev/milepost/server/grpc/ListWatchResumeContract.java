package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A watch of many jobs continues after a restart, and at another server of the store: no change is
 * missed, none comes twice.
 */
abstract class ListWatchResumeContract {
  private static final JobFilter RUNNING =
      JobFilter.newBuilder().addStates(JobState.JOB_STATE_RUNNING).build();
  private static final JobFilter RED = JobFilter.newBuilder().putLabels("color", "red").build();
  private static final List<JobFilter> FILTERS =
      List.of(JobFilter.getDefaultInstance(), RUNNING, RED);

  @TempDir private Path directory;
  private TestServer a;
  private TestServer b;

  /** Returns the URL of a store: empty at the first call within a test, the same one afterwards. */
  protected abstract String url();

  /** Lets the store forget the changes that it keeps. */
  protected abstract void forgetChanges() throws Exception;

  /** Called after the last server has closed the store. */
  protected void closeStore() {}

  @BeforeEach
  void startBoth() {
    a = start();
    b = start();
  }

  private TestServer start() {
    return TestServer.inRealTime(
        Map.of(
            "milepost.store",
            url(),
            "milepost.watch.bookmark-interval",
            "50ms",
            "milepost.token-key-file",
            directory.resolve("token-key").toString()));
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    closeStore();
  }

  private static ListWatchRecorder watch(
      TestServer at, JobFilter filter, String token, ListWatchRecorder recorder) {
    at.client()
        .jobsAsync()
        .watchJobs(
            WatchJobsRequest.newBuilder().setFilter(filter).setResumeToken(token).build(),
            recorder);
    return recorder;
  }

  /** Opens a watch, and waits until it can be resumed. */
  private static ListWatchRecorder watch(TestServer at, JobFilter filter) {
    ListWatchRecorder view = watch(at, filter, "", new ListWatchRecorder());
    view.awaitMessages(1);
    awaitToken(view);
    return view;
  }

  private static void awaitToken(ListWatchRecorder view) {
    await().atMost(Duration.ofSeconds(20)).until(() -> !view.resumeToken().isEmpty());
  }

  /** Ends a watch; its last message is what its client knows. */
  private static void end(ListWatchRecorder view) {
    view.cancel();
    await().until(() -> view.failure() != null);
  }

  private static Map<String, Job> list(TestServer at, JobFilter filter) {
    Map<String, Job> jobs = new HashMap<>();
    at.client()
        .jobs()
        .listJobs(ListJobsRequest.newBuilder().setFilter(filter).setPageSize(1_000).build())
        .getJobsList()
        .forEach(job -> jobs.put(job.getId(), job));
    return jobs;
  }

  private static void requireSameAsListed(TestServer at, JobFilter filter, ListWatchRecorder view) {
    Map<String, Job> expected = list(at, filter);
    view.awaitJobs(expected::equals);
    view.requireNoFaults();
    assertThat(view.failure()).isNull();
  }

  private static JobSpec.Builder colored(String color) {
    return JobSpec.newBuilder().setType("paint").putLabels("color", color);
  }

  private static void recolor(TestServer at, String id, String color) {
    at.client()
        .jobs()
        .updateJob(UpdateJobRequest.newBuilder().setJobId(id).setSpec(colored(color)).build());
  }

  private static void delete(TestServer at, String id) {
    at.client().jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
  }

  @Test
  void aWatchContinuesAfterARestartWhileAnotherServerWrites() {
    TestClient client = a.client();
    String stays = client.create(colored("red")).getId();
    String leaves = client.create(colored("red")).getId();
    String enters = client.create(colored("blue")).getId();
    String goes = client.create(colored("red")).getId();
    HeldJob ends = client.start(colored("red"));
    String again = "again";
    client
        .jobs()
        .createJob(CreateJobRequest.newBuilder().setJobId(again).setSpec(colored("red")).build());
    List<ListWatchRecorder> views = FILTERS.stream().map(filter -> watch(a, filter)).toList();
    client.create(colored("red"));
    requireSameAsListed(a, RED, views.get(2));
    views.forEach(ListWatchResumeContract::awaitToken);
    views.forEach(ListWatchResumeContract::end);
    a.close();

    recolor(b, leaves, "blue");
    recolor(b, enters, "red");
    recolor(b, stays, "green");
    recolor(b, stays, "red");
    delete(b, goes);
    ends.by(b.client()).complete();
    delete(b, again);
    b.client()
        .jobs()
        .createJob(CreateJobRequest.newBuilder().setJobId(again).setSpec(colored("red")).build());
    String brief = b.client().create(colored("red")).getId();
    delete(b, brief);
    HeldJob started = b.client().start(colored("blue"));
    a = start();

    List<ListWatchRecorder> resumed = new ArrayList<>();
    for (int i = 0; i < FILTERS.size(); i++) {
      resumed.add(
          watch(
              a, FILTERS.get(i), views.get(i).resumeToken(), new ListWatchRecorder(views.get(i))));
    }
    // Also while they resume.
    a.client().create(colored("red"));
    b.client().create(colored("red"));
    started.by(b.client()).complete();
    for (int i = 0; i < FILTERS.size(); i++) {
      requireSameAsListed(b, FILTERS.get(i), resumed.get(i));
      assertThat(resumed.get(i).events())
          .doesNotContain(WatchEvent.WATCH_EVENT_SNAPSHOT, WatchEvent.WATCH_EVENT_SYNCED);
      awaitToken(resumed.get(i));
    }
    assertThat(resumed.get(2).messages())
        .as("jobs that came and went meanwhile are not shown")
        .noneMatch(message -> message.getJob().getId().equals(brief));
  }

  @Test
  void aWatchWithoutChangesContinuesAtAnotherServer() {
    a.client().create(colored("red"));
    ListWatchRecorder view = watch(a, RED);
    end(view);
    ListWatchRecorder resumed = watch(b, RED, view.resumeToken(), new ListWatchRecorder(view));
    awaitFirst(resumed);
    assertThat(resumed.events()).containsOnly(WatchEvent.WATCH_EVENT_BOOKMARK);
    requireSameAsListed(b, RED, resumed);
  }

  private static void awaitFirst(ListWatchRecorder view) {
    await().until(() -> view.failure() != null || !view.messages().isEmpty());
  }

  @Test
  void aPositionThatTheStoreHasForgottenIsRefused() throws Exception {
    a.client().create(colored("red"));
    ListWatchRecorder view = watch(a, RED);
    end(view);
    b.client().create(colored("red"));
    forgetChanges();
    ListWatchRecorder refused = watch(b, RED, view.resumeToken(), new ListWatchRecorder(view));
    await().until(() -> refused.failure() != null);
    assertThat(Status.fromThrowable(refused.failure()).getCode()).isEqualTo(Code.OUT_OF_RANGE);
  }

  /** Both servers change the same jobs, while watches move from one to the other. */
  @Tag("slow")
  @Test
  void everyViewStaysConsistentWhileWatchesMoveBetweenServersThatWrite() {
    Random random = new Random(7);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ids.add(a.client().create(colored("red")).getId());
    }
    ListWatchRecorder[] views = new ListWatchRecorder[FILTERS.size()];
    int resumed = 0;
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < FILTERS.size(); i++) {
        TestServer at = random.nextBoolean() ? a : b;
        ListWatchRecorder before = views[i];
        if (before == null) {
          views[i] = watch(at, FILTERS.get(i), "", new ListWatchRecorder());
          continue;
        }
        end(before);
        String token = before.messages().isEmpty() ? "" : before.resumeToken();
        views[i] =
            token.isEmpty()
                ? watch(at, FILTERS.get(i), "", new ListWatchRecorder())
                : watch(at, FILTERS.get(i), token, new ListWatchRecorder(before));
        if (!token.isEmpty() && round % 2 == 1) {
          awaitFirst(views[i]);
          // A position within a batch is that of one server only.
          views[i] =
              views[i].failure() == null
                  ? views[i]
                  : watch(at, FILTERS.get(i), "", new ListWatchRecorder());
          resumed += views[i].events().contains(WatchEvent.WATCH_EVENT_SNAPSHOT) ? 0 : 1;
        }
      }
      for (int step = 0; step < 12; step++) {
        TestServer at = random.nextBoolean() ? a : b;
        int which = random.nextInt(ids.size());
        switch (random.nextInt(4)) {
          case 0, 1 -> recolor(at, ids.get(which), random.nextBoolean() ? "red" : "blue");
          case 2 -> {
            delete(at, ids.get(which));
            ids.set(which, at.client().create(colored("red")).getId());
          }
          default -> {
            HeldJob work = at.client().start(colored("red"));
            work.by((random.nextBoolean() ? a : b).client()).complete();
          }
        }
      }
    }
    for (int i = 0; i < FILTERS.size(); i++) {
      JobFilter filter = FILTERS.get(i);
      if (views[i].failure() != null) {
        // The last resume of the test was refused: nothing was shown wrongly.
        assertThat(Status.fromThrowable(views[i].failure()).getCode()).isEqualTo(Code.OUT_OF_RANGE);
        continue;
      }
      requireSameAsListed(a, filter, views[i]);
    }
    assertThat(resumed).as("watches that could continue").isGreaterThan(10);
  }
}
