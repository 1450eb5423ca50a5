package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreDamage.Damage;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobResponse;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListItemsResponse;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.UnreadableItem;
import dev.milepost.v1.UnreadableJob;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import io.grpc.Status.Code;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A job whose record is damaged in the store costs itself alone, and can be named and deleted. */
abstract class UnreadableJobsContract {
  /** Returns the URL of a store: empty at the first call within a test, the same one afterwards. */
  protected abstract String url();

  /** Damages what is in the store, while no server is running. */
  protected abstract StoreDamage damage();

  private void damage(List<String> ids) {
    damage().jobs(ids.stream().map(id -> new JobKey("default", id)).toList(), Damage.GARBAGE);
  }

  private TestServer start() {
    return TestServer.inRealTime(
        Map.of("milepost.store", url(), "milepost.limits.batch-items-per-job", 1));
  }

  private static Failure get(TestClient client, String id) {
    return Failure.of(() -> client.get(id));
  }

  private static ListJobsResponse list(TestClient client) {
    return client.jobs().listJobs(ListJobsRequest.getDefaultInstance());
  }

  private static List<String> ids(List<Job> jobs) {
    return jobs.stream().map(Job::getId).toList();
  }

  private static DeleteJobResponse delete(TestClient client, String id) {
    return client.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
  }

  private static Job awaitState(TestClient client, String id, JobState state) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> client.get(id).getStatus().getState() == state);
    return client.get(id);
  }

  @Test
  void whoMaySeeTheJobLearnsThatItIsDamagedAndCanDeleteIt() {
    String bad;
    String good;
    try (TestServer server = start()) {
      TestClient ann = server.client();
      good = ann.create("a").getId();
      bad = ann.create(JobSpec.newBuilder().setType("a").setPriority(100)).getId();
    }
    damage(List.of(bad));
    try (TestServer server = start()) {
      TestClient ann = server.client().in("USER,WORKER");
      TestClient bob = ann.as("bob").in("USER");
      TestClient root = ann.as("root").in("ADMIN");

      assertThat(get(ann, bad).code()).isEqualTo(Code.DATA_LOSS);
      assertThat(get(ann, bad).reason()).isEqualTo("JOB_UNREADABLE");
      assertThat(get(bob, bad).reason()).isEqualTo("JOB_NOT_FOUND");
      assertThat(get(root.of("other"), bad).reason()).isEqualTo("JOB_NOT_FOUND");
      assertThat(ids(list(ann).getJobsList())).containsExactly(good);
      assertThat(list(ann).getUnreadableJobIdsList()).containsExactly(bad);
      assertThat(list(bob).getUnreadableJobIdsList()).isEmpty();
      assertThat(list(root).getUnreadableJobIdsList()).containsExactly(bad);
      assertThat(
              ann.jobs()
                  .batchGetJobs(
                      BatchGetJobsRequest.newBuilder().addJobIds(bad).addJobIds(good).build())
                  .getUnreadableJobIdsList())
          .containsExactly(bad);

      assertThat(ann.claim().jobId()).isEqualTo(good);
      JobWatchRecorder watch = ann.watch(bad);
      await().until(watch::isOver);
      assertThat(watch.entries()).isEmpty();
      ListWatchRecorder all = new ListWatchRecorder();
      ann.jobsAsync().watchJobs(WatchJobsRequest.getDefaultInstance(), all);
      await().until(() -> all.events().contains(WatchEvent.WATCH_EVENT_SYNCED));
      assertThat(all.jobs()).containsOnlyKeys(good);
      all.cancel();
      assertThat(exported(root)).containsExactly(bad);
      assertThat(ann.jobs().cancelJobs(CancelJobsRequest.getDefaultInstance()).getNextPageToken())
          .isEmpty();
      assertThat(ann.get(good).getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);

      assertThat(Failure.of(() -> delete(bob, bad)).reason()).isEqualTo("JOB_NOT_FOUND");
      var unused = delete(ann, bad);
      assertThat(get(ann, bad).reason()).isEqualTo("JOB_NOT_FOUND");
      assertThat(list(ann).getUnreadableJobIdsList()).isEmpty();
      assertThat(ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal())
          .isEqualTo(1);
    }
  }

  private static List<String> exported(TestClient root) {
    return export(root).stream()
        .flatMap(part -> part.getUnreadableJobsList().stream())
        .map(UnreadableJob::getJobId)
        .toList();
  }

  private static List<ExportJobsResponse> export(TestClient root) {
    List<ExportJobsResponse> parts = new ArrayList<>();
    AdminServiceGrpc.newBlockingStub(root.channel())
        .exportJobs(ExportJobsRequest.getDefaultInstance())
        .forEachRemaining(parts::add);
    return parts;
  }

  @Test
  void manyDelayNoOtherJob() throws Exception {
    List<String> bad = new ArrayList<>();
    JobSpec.Builder spec =
        JobSpec.newBuilder()
            .setType("a")
            .setMaxRetries(0)
            .setTimeouts(
                JobTimeouts.newBuilder()
                    .setLease(TestClient.seconds(2))
                    .setQueue(TestClient.seconds(2)));
    String silent;
    String queued;
    try (TestServer server = start()) {
      bad.addAll(started(server.client(), spec, 150));
      TestClient other = server.client().of("other");
      silent = other.start(spec).jobId();
      queued = other.create(spec).getId();
    }
    damage(bad);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    Logger log = (Logger) LoggerFactory.getLogger("dev.milepost.server");
    log.addAppender(lines);
    try (TestServer server = start()) {
      TestClient ann = server.client();
      TestClient other = ann.of("other");
      assertThat(
              awaitState(other, silent, JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
          .isEqualTo("LEASE_EXPIRED");
      assertThat(
              awaitState(other, queued, JobState.JOB_STATE_FAILED).getStatus().getError().getCode())
          .isEqualTo("QUEUE_TIMEOUT");
      assertThat(named(ann)).containsExactlyInAnyOrderElementsOf(bad);
      var unused = delete(ann, bad.get(7));
      assertThat(named(ann)).hasSize(149);
    } finally {
      log.detachAppender(lines);
    }
    for (String id : List.of(bad.get(0), bad.get(149))) {
      assertThat(lines.list)
          .filteredOn(line -> line.getFormattedMessage().contains(id))
          .as("lines of the log about one job")
          .hasSize(1);
    }
  }

  /** Starts jobs, all at once. */
  private static List<String> started(TestClient client, JobSpec.Builder spec, int jobs)
      throws Exception {
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setSpec(spec)
            .setStart(StartJob.newBuilder().setWorkerId("creator"))
            .build();
    List<Future<CreateJobResponse>> created = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      created.add(PendingCall.call(client.jobsAsync()::createJob, request));
    }
    List<String> ids = new ArrayList<>();
    for (Future<CreateJobResponse> one : created) {
      ids.add(one.get().getJob().getId());
    }
    return ids;
  }

  /** Returns all jobs that lists name as damaged. */
  private static List<String> named(TestClient client) {
    List<String> named = new ArrayList<>();
    ListJobsRequest.Builder request = ListJobsRequest.newBuilder();
    do {
      ListJobsResponse page = client.jobs().listJobs(request.build());
      named.addAll(page.getUnreadableJobIdsList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return named;
  }

  @Test
  void aDeletedChildCountsAsFailed() throws Exception {
    String batch;
    List<HeldJob> held;
    try (TestServer server = start()) {
      batch = BatchSender.make(server.client(), "a", 2).getJob().getId();
      held = claim(server.client(), 2);
    }
    damage(List.of(held.get(0).jobId()));
    try (TestServer server = start()) {
      TestClient ann = server.client();
      assertThat(held.get(1).by(ann).complete().getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ann.get(batch).getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      var unused = delete(ann, held.get(0).jobId());
      Job ended = awaitState(ann, batch, JobState.JOB_STATE_FAILED);
      assertThat(ended.getStatus().getError().getMessage())
          .startsWith("1 of 2 children failed.")
          .contains("damaged");
    }
  }

  @Test
  void aParentOfAnUnreadableChildCanBeCancelledAndDeleted() throws Exception {
    String batch;
    List<HeldJob> held;
    try (TestServer server = start()) {
      batch = BatchSender.make(server.client(), "a", 2).getJob().getId();
      held = claim(server.client(), 1);
    }
    damage(List.of(held.get(0).jobId()));
    try (TestServer server = start()) {
      TestClient ann = server.client();
      var cancelled = ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(batch).build());
      assertThat(cancelled.getJob().getId()).isEqualTo(batch);
      awaitState(ann, batch, JobState.JOB_STATE_CANCELLED);
      var unused = delete(ann, batch);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal() == 0);
      assertThat(named(ann)).isEmpty();
    }
  }

  /** Claims jobs, once they can be claimed. */
  private static List<HeldJob> claim(TestClient client, int jobs) {
    List<HeldJob> held = new ArrayList<>();
    await()
        .until(
            () -> {
              held.addAll(client.claim(jobs - held.size()));
              return held.size() == jobs;
            });
    return held;
  }

  @Test
  void damagedItemsAndEntriesCostThemselvesAlone() {
    String id;
    try (TestServer server = start()) {
      HeldJob work = server.client().start("a");
      id = work.jobId();
      var unused =
          work.report(
              Report.newBuilder()
                  .addItems(Item.newBuilder().setId("one"))
                  .addItems(Item.newBuilder().setId("two")));
      var unusedToo = work.log(LogLevel.LOG_LEVEL_INFO, "text");
    }
    JobKey key = new JobKey("default", id);
    damage().item(key, "one");
    damage().journal(key);
    try (TestServer server = start()) {
      TestClient ann = server.client();
      assertThat(ann.get(id).getStatus().getLogCounts().getInfo()).isEqualTo(1);
      ListJournalResponse journal =
          ann.jobs().listJournal(ListJournalRequest.newBuilder().setJobId(id).build());
      assertThat(journal.getEntriesList()).isEmpty();
      assertThat(journal.getUnreadableRuns()).isPositive();
      assertThat(journal.getNextPageToken()).isEmpty();
      ListItemsResponse items =
          ann.jobs().listItems(ListItemsRequest.newBuilder().setJobId(id).build());
      assertThat(items.getItemsList()).extracting(Item::getId).containsExactly("two");
      assertThat(items.getUnreadableItemsList())
          .containsExactly(UnreadableItem.newBuilder().setJobId(id).setItemId("one").build());
      List<ExportJobsResponse> export = export(ann.as("root").in("ADMIN"));
      assertThat(export).hasSize(1);
      assertThat(export.get(0).getJob()).isEqualTo(ann.get(id));
      assertThat(export.get(0).getUnreadableRuns()).isEqualTo(journal.getUnreadableRuns());
      assertThat(export.get(0).getUnreadableItems()).isEqualTo(1);
      assertThat(export.get(0).getItemsList()).extracting(Item::getId).containsExactly("two");
    }
    StoreCopy.Result copied = copy();
    assertThat(copied.jobs()).isEqualTo(1);
    assertThat(copied.items()).isEqualTo(1);
    assertThat(copied.unreadable()).isZero();
    assertThat(copied.damagedKeys()).containsExactly(key);
  }

  @Test
  void aCopyLeavesItOutAndSaysSo() {
    String bad;
    try (TestServer server = start()) {
      bad = server.client().create("a").getId();
      var unused = server.client().create("a");
    }
    damage(List.of(bad));
    StoreCopy.Result copied = copy();

    assertThat(copied.jobs()).isEqualTo(1);
    assertThat(copied.unreadable()).isEqualTo(1);
    assertThat(copied.unreadableKeys()).extracting(key -> key.jobId()).containsExactly(bad);
    assertThat(copied.damaged()).isZero();
  }

  private StoreCopy.Result copy() {
    try (JobStore from =
            StoreOpener.open(url(), StoreClock.of(Clock.systemUTC()), 1_000, CommitObserver.NONE);
        MemoryJobStore to = new MemoryJobStore(new SettableClock(), 1_000)) {
      return new StoreCopy(StoreSource.of(from), to, Optional.empty(), CopyProgress.NONE).run();
    }
  }
}
