package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guarantees of a list watch: ordered, unique, reliable, resumable, exact by its filter. */
class ListWatchTest {
  @TempDir Path directory;

  private TestServer server = TestServer.start();
  private TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private void restart(Map<String, Object> settings) {
    server.close();
    server = TestServer.start(settings);
    ann = server.client();
  }

  private static ListWatchRecorder watch(TestClient client, WatchJobsRequest.Builder request) {
    return watch(client, request, new ListWatchRecorder());
  }

  private static ListWatchRecorder watch(
      TestClient client, WatchJobsRequest.Builder request, ListWatchRecorder view) {
    client.jobsAsync().watchJobs(request.build(), view);
    return view;
  }

  private static WatchJobsRequest.Builder running() {
    return WatchJobsRequest.newBuilder()
        .setFilter(JobFilter.newBuilder().addStates(JobState.JOB_STATE_RUNNING));
  }

  @Test
  void sendsASnapshotAndThenEveryChange() {
    Job first = ann.create("a");
    Job second = ann.create("a");
    ListWatchRecorder view = watch(ann, WatchJobsRequest.newBuilder());
    view.awaitMessages(3);
    assertThat(view.events())
        .containsExactly(
            WatchEvent.WATCH_EVENT_SNAPSHOT,
            WatchEvent.WATCH_EVENT_SNAPSHOT,
            WatchEvent.WATCH_EVENT_SYNCED);
    assertThat(view.messages().subList(0, 2))
        .extracting(WatchJobsResponse::getJob)
        .containsExactly(second, first);

    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(first.getId()).build());
    view.awaitMessages(4);
    Job third = ann.create("b");
    view.awaitMessages(5);
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(second.getId()).build());
    view.awaitMessages(6);

    assertThat(view.events().subList(3, 6))
        .containsExactly(
            WatchEvent.WATCH_EVENT_CHANGED,
            WatchEvent.WATCH_EVENT_ENTERED,
            WatchEvent.WATCH_EVENT_LEFT);
    assertThat(view.jobs())
        .containsOnlyKeys(first.getId(), third.getId())
        .containsEntry(first.getId(), ann.get(first.getId()));
    view.requireNoFaults();
  }

  @Test
  void showsJobsOnlyWhileTheyMatch() {
    HeldJob work = ann.start("a");
    ann.create("a");
    ListWatchRecorder view = watch(ann, running());
    view.awaitMessages(2);
    assertThat(view.jobs()).containsOnlyKeys(work.jobId());

    HeldJob claimed = ann.claim();
    view.awaitJobs(jobs -> jobs.containsKey(claimed.jobId()));
    work.complete();
    view.awaitJobs(jobs -> !jobs.containsKey(work.jobId()));
    claimed.progress(1, 2);
    view.awaitJobs(jobs -> jobs.get(claimed.jobId()).getStatus().getProgress().getCurrent() == 1);

    view.requireNoFaults();
    WatchJobsResponse last = view.messages().get(view.messages().size() - 1);
    assertThat(last.getCountsList()).hasSize(1);
    assertThat(last.getCounts(0).getCount()).isEqualTo(1);
  }

  @Test
  void neverShowsJobsThatTheCallerMayNotRead() {
    TestClient bob = ann.as("bob");
    bob.create("a");
    ListWatchRecorder mine = watch(ann, WatchJobsRequest.newBuilder());
    ListWatchRecorder tenants = watch(ann.as("olga").in("OPERATOR"), WatchJobsRequest.newBuilder());
    mine.awaitMessages(1);
    tenants.awaitMessages(2);

    bob.create("b");
    ann.as("eve").of("other").create("c");
    Job own = ann.create("d");
    mine.awaitJobs(jobs -> jobs.containsKey(own.getId()));
    tenants.awaitJobs(jobs -> jobs.containsKey(own.getId()));

    assertThat(mine.jobs()).containsOnlyKeys(own.getId());
    assertThat(tenants.jobs().values())
        .extracting(Job::getUserId)
        .containsExactlyInAnyOrder("bob", "bob", "ann");
    mine.requireNoFaults();
    tenants.requireNoFaults();
  }

  @Test
  void resumesWhereItWasCancelled() {
    Job first = ann.create("a");
    ListWatchRecorder view = watch(ann, WatchJobsRequest.newBuilder());
    view.awaitMessages(2);
    Job second = ann.create("a");
    view.awaitMessages(3);
    assertThat(view.resumeToken()).isNotEmpty();
    view.cancel();

    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(first.getId()).build());
    Job third = ann.create("a");
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(second.getId()).build());
    ListWatchRecorder resumed =
        watch(
            ann,
            WatchJobsRequest.newBuilder().setResumeToken(view.resumeToken()),
            new ListWatchRecorder(view));
    resumed.awaitJobs(
        jobs ->
            jobs.keySet().equals(java.util.Set.of(first.getId(), third.getId()))
                && jobs.get(first.getId()).getStatus().getState() == JobState.JOB_STATE_CANCELLED);

    assertThat(resumed.events())
        .doesNotContain(WatchEvent.WATCH_EVENT_SNAPSHOT, WatchEvent.WATCH_EVENT_SYNCED);
    resumed.requireNoFaults();
  }

  @Test
  void refusesATokenOfAnotherCallerOrFilter() {
    ann.create("a");
    ListWatchRecorder view = watch(ann, WatchJobsRequest.newBuilder());
    view.awaitMessages(2);
    ann.create("a");
    view.awaitMessages(3);
    String token = view.resumeToken();
    view.cancel();

    assertThat(refused(ann, running().setResumeToken(token))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refused(ann.as("bob"), WatchJobsRequest.newBuilder().setResumeToken(token)))
        .isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refused(ann, WatchJobsRequest.newBuilder().setResumeToken(token + "x")))
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void refusesATokenOfAnotherRunOfTheServer() {
    SettableClock clock = new SettableClock();
    String token;
    try (TestServer one = TestServer.on(directory.resolve("m.db"), clock)) {
      ListWatchRecorder view = watch(one.client(), WatchJobsRequest.newBuilder());
      view.awaitMessages(1);
      one.client().create("a");
      view.awaitMessages(2);
      token = view.resumeToken();
    }
    try (TestServer other = TestServer.on(directory.resolve("m.db"), clock)) {
      assertThat(refused(other.client(), WatchJobsRequest.newBuilder().setResumeToken(token)))
          .isEqualTo(Code.OUT_OF_RANGE);
    }
  }

  @Test
  void refusesATokenOfAStoreInMemoryThatIsGone() {
    String key = directory.resolve("token-key").toString();
    Map<String, Object> settings = Map.of("milepost.token-key-file", key);
    String token;
    try (TestServer one = TestServer.start(settings)) {
      ListWatchRecorder view = watch(one.client(), WatchJobsRequest.newBuilder());
      view.awaitMessages(1);
      one.client().create("a");
      view.awaitMessages(2);
      token = view.resumeToken();
    }
    try (TestServer other = TestServer.start(settings)) {
      assertThat(refused(other.client(), WatchJobsRequest.newBuilder().setResumeToken(token)))
          .isEqualTo(Code.OUT_OF_RANGE);
    }
  }

  private static Code refused(TestClient client, WatchJobsRequest.Builder request) {
    ListWatchRecorder view = watch(client, request);
    await().atMost(Duration.ofSeconds(20)).until(() -> view.failure() != null);
    return Status.fromThrowable(view.failure()).getCode();
  }

  @Test
  void sendsBookmarksWhenNothingChanges() {
    restart(Map.of("milepost.watch.bookmark-interval", "50ms"));
    ann.create("a");
    ListWatchRecorder view = watch(ann, WatchJobsRequest.newBuilder());
    view.awaitMessages(4);
    WatchJobsResponse bookmark = view.messages().get(3);
    assertThat(bookmark.getEvent()).isEqualTo(WatchEvent.WATCH_EVENT_BOOKMARK);
    assertThat(bookmark.getResumeToken()).isNotEmpty();
    view.requireNoFaults();
  }

  @Test
  void failsWhenTheServerShutsDown() {
    ListWatchRecorder view = watch(ann, WatchJobsRequest.newBuilder());
    view.awaitMessages(1);
    server.server().close();
    await().atMost(Duration.ofSeconds(20)).until(() -> view.failure() != null);
    assertThat(Status.fromThrowable(view.failure()).getCode()).isEqualTo(Code.UNAVAILABLE);
  }

  /** Opens watches while jobs change at random: every view must stay consistent. */
  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void keepsEveryViewConsistentUnderRandomChanges(String kind) {
    if (kind.equals("sqlite")) {
      restart(Map.of("milepost.store", "sqlite:" + directory.resolve("m.db")));
    }
    Random random = new Random(11);
    Map<String, HeldJob> works = new HashMap<>();
    List<String> waiting = new ArrayList<>();
    List<WatchJobsRequest.Builder> filters =
        List.of(
            WatchJobsRequest.newBuilder(),
            running(),
            WatchJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().addTypes("b")),
            WatchJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().putLabels("team", "x")));
    List<ListWatchRecorder> views = new ArrayList<>();
    List<WatchJobsRequest.Builder> watched = new ArrayList<>();
    for (int step = 0; step < 800; step++) {
      if (step % 100 == 0) {
        for (WatchJobsRequest.Builder filter : filters) {
          watched.add(filter);
          views.add(watch(ann, filter.clone()));
        }
      }
      switch (random.nextInt(6)) {
        case 0, 1 ->
            waiting.add(
                ann.create(
                        JobSpec.newBuilder()
                            .setType(random.nextBoolean() ? "a" : "b")
                            .putLabels("team", random.nextBoolean() ? "x" : "y"))
                    .getId());
        case 2 -> {
          HeldJob work = ann.start("b");
          works.put(work.jobId(), work);
        }
        case 3 -> any(works.keySet(), random, id -> works.get(id).progress(1, 2));
        case 4 -> any(works.keySet(), random, id -> works.remove(id).complete());
        default ->
            any(
                waiting,
                random,
                id -> {
                  if (random.nextBoolean()) {
                    waiting.remove(id);
                    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
                  } else {
                    ann.jobs().updateJob(relabel(id, random));
                  }
                });
      }
    }
    for (int i = 0; i < views.size(); i++) {
      ListWatchRecorder view = views.get(i);
      Map<String, Job> expected = list(watched.get(i).getFilter());
      view.awaitJobs(expected::equals);
      view.requireNoFaults();
    }
  }

  private static UpdateJobRequest relabel(String id, Random random) {
    UpdateJobRequest.Builder update = UpdateJobRequest.newBuilder().setJobId(id);
    update.getSpecBuilder().putLabels("team", random.nextBoolean() ? "x" : "y");
    update.getUpdateMaskBuilder().addPaths("labels");
    return update.build();
  }

  private static void any(
      java.util.Collection<String> ids, Random random, java.util.function.Consumer<String> then) {
    if (!ids.isEmpty()) {
      then.accept(List.copyOf(ids).get(random.nextInt(ids.size())));
    }
  }

  private Map<String, Job> list(JobFilter filter) {
    Map<String, Job> jobs = new HashMap<>();
    ListJobsRequest.Builder request =
        ListJobsRequest.newBuilder().setFilter(filter).setPageSize(1_000);
    do {
      ListJobsResponse page = ann.jobs().listJobs(request.build());
      page.getJobsList().forEach(job -> jobs.put(job.getId(), job));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return jobs;
  }
}
