package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.copy.CopyProgress;
import dev.milepost.server.copy.StoreCopy;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.store.sqlite.SqliteJobStore;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.UnreadableJob;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job whose record is damaged in the store costs itself alone, and can be named and deleted. */
class UnreadableJobsTest {
  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();

  private Path file() {
    return directory.resolve("jobs.db");
  }

  /** Damages records while no server is running. */
  private void damage(List<String> ids) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        PreparedStatement update =
            connection.prepareStatement("UPDATE job SET status = x'ffff' WHERE id = ?")) {
      for (String id : ids) {
        update.setString(1, id);
        assertThat(update.executeUpdate()).isEqualTo(1);
      }
    }
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

  @Test
  void whoMaySeeTheJobLearnsThatItIsDamagedAndCanDeleteIt() throws SQLException {
    String bad;
    String good;
    try (TestServer server = TestServer.on(file(), clock)) {
      TestClient ann = server.client();
      good = ann.create("a").getId();
      bad = ann.create(JobSpec.newBuilder().setType("a").setPriority(100)).getId();
    }
    damage(List.of(bad));
    try (TestServer server = TestServer.on(file(), clock)) {
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

      DeleteJobRequest delete = DeleteJobRequest.newBuilder().setJobId(bad).build();
      assertThat(Failure.of(() -> bob.jobs().deleteJob(delete)).reason())
          .isEqualTo("JOB_NOT_FOUND");
      var unused = ann.jobs().deleteJob(delete);
      assertThat(get(ann, bad).reason()).isEqualTo("JOB_NOT_FOUND");
      assertThat(list(ann).getUnreadableJobIdsList()).isEmpty();
      assertThat(ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal())
          .isEqualTo(1);
    }
  }

  private static List<String> exported(TestClient root) {
    List<String> unreadable = new ArrayList<>();
    AdminServiceGrpc.newBlockingStub(root.channel())
        .exportJobs(ExportJobsRequest.getDefaultInstance())
        .forEachRemaining(
            (ExportJobsResponse part) ->
                part.getUnreadableJobsList().stream()
                    .map(UnreadableJob::getJobId)
                    .forEach(unreadable::add));
    return unreadable;
  }

  @Test
  void theTimersOfAllOtherJobsFire() throws SQLException {
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
    try (TestServer server = TestServer.on(file(), clock)) {
      for (int i = 0; i < 150; i++) {
        bad.add(server.client().start(spec).jobId());
      }
      TestClient other = server.client().of("other");
      silent = other.start(spec).jobId();
      queued = other.create(spec).getId();
    }
    damage(bad);
    try (TestServer server = TestServer.on(file(), clock)) {
      // The server gives workers a lease's time after its start.
      clock.advance(Duration.ofSeconds(3));
      TestClient other = server.client().of("other");
      await()
          .untilAsserted(
              () -> {
                clock.advance(Duration.ofSeconds(1));
                assertThat(other.get(silent).getStatus().getError().getCode())
                    .isEqualTo("LEASE_EXPIRED");
                assertThat(other.get(queued).getStatus().getError().getCode())
                    .isEqualTo("QUEUE_TIMEOUT");
              });
    }
  }

  @Test
  void damagedItemsAndEntriesCostThemselvesAlone() throws SQLException {
    String id;
    try (TestServer server = TestServer.on(file(), clock)) {
      HeldJob work = server.client().start("a");
      id = work.jobId();
      var unused =
          work.report(
              Report.newBuilder()
                  .addItems(Item.newBuilder().setId("one"))
                  .addItems(Item.newBuilder().setId("two")));
      var unusedToo = work.log(LogLevel.LOG_LEVEL_INFO, "text");
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement sql = connection.createStatement()) {
      assertThat(sql.executeUpdate("UPDATE item SET item = x'ffff' WHERE id = 'one'")).isEqualTo(1);
      assertThat(sql.executeUpdate("UPDATE job SET tail = x'ffff'")).isEqualTo(1);
    }
    try (SqliteJobStore store = SqliteJobStore.open(file(), clock, 1_000, CommitObserver.NONE)) {
      JobKey key = new JobKey("default", id);
      ItemPage items = StoreHarness.await(store.items(new ItemQuery(key, Set.of(), "", "", 10)));
      assertThat(items.items()).extracting(Item::getId).containsExactly("two");
      assertThat(items.damaged()).isEqualTo(1);
    }
    try (TestServer server = TestServer.on(file(), clock)) {
      TestClient ann = server.client();
      assertThat(ann.get(id).getStatus().getLogCounts().getInfo()).isEqualTo(1);
      assertThat(ann.journal(id)).isEmpty();
    }
  }

  @Test
  void aCopyLeavesItOutAndSaysSo() throws SQLException {
    String bad;
    try (TestServer server = TestServer.on(file(), clock)) {
      bad = server.client().create("a").getId();
      var unused = server.client().create("a");
    }
    damage(List.of(bad));
    try (SqliteJobStore from = SqliteJobStore.open(file(), clock, 1_000, CommitObserver.NONE);
        MemoryJobStore to = new MemoryJobStore(clock, 1_000)) {
      StoreCopy.Result copied =
          new StoreCopy(StoreSource.of(from), to, Optional.empty(), CopyProgress.NONE).run();

      assertThat(copied.jobs()).isEqualTo(1);
      assertThat(copied.unreadable()).isEqualTo(1);
      assertThat(copied.unreadableKeys()).extracting(key -> key.jobId()).containsExactly(bad);
    }
  }
}
