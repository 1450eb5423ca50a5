package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job is deleted, and another one is created with its id: watches take it for another job. */
class ReusedIdTest {
  private static final String ID = "mine";

  @TempDir Path directory;

  private static Job create(TestClient client) {
    return client
        .jobs()
        .createJob(
            CreateJobRequest.newBuilder()
                .setJobId(ID)
                .setSpec(JobSpec.newBuilder().setType("reused"))
                .build())
        .getJob();
  }

  private static List<WatchEvent> events(ListWatchRecorder list) {
    return list.messages().stream()
        .filter(message -> message.getJob().getId().equals(ID))
        .map(WatchJobsResponse::getEvent)
        .toList();
  }

  private static WatchJobRequest.Builder from(long sequence, Timestamp created) {
    return WatchJobRequest.newBuilder()
        .setJobId(ID)
        .setAfterSequence(sequence)
        .setJobCreateTime(created);
  }

  /**
   * Checks job watches and list watches.
   *
   * @param owner changes the job
   * @param watcher watches it, perhaps on another server of the same store
   * @param later makes the time go on
   */
  static void check(TestClient owner, TestClient watcher, Runnable later) {
    ListWatchRecorder list = new ListWatchRecorder();
    watcher.jobsAsync().watchJobs(WatchJobsRequest.getDefaultInstance(), list);
    await().until(() -> list.events().contains(WatchEvent.WATCH_EVENT_SYNCED));
    Job first = create(owner);
    JobWatchRecorder broken = watcher.watch(ID).awaitMessages(2);
    WatchJobResponse reached = broken.messages().get(1);
    assertThat(reached.getSequence()).isEqualTo(1);
    await().until(() -> events(list).size() == 1);
    later.run();

    owner.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(ID).build());
    Job second = create(owner);

    assertThat(second.getCreateTime()).isNotEqualTo(first.getCreateTime());
    // Until the watcher's server knows of the deletion, it resumes with the first job, and ends so.
    assertThat(broken.awaitFailure().code()).isEqualTo(Code.NOT_FOUND);
    Failure failure =
        watcher.watch(from(reached.getSequence(), first.getCreateTime())).awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.OUT_OF_RANGE);
    assertThat(failure.reason()).isEqualTo("POSITION_OUT_OF_RANGE");
    assertThat(failure.message()).contains("was deleted");
    JobWatchRecorder resumed = watcher.watch(from(0, second.getCreateTime())).awaitPosition(1);
    assertThat(resumed.sequences()).containsExactly(1L);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(events(list))
                    .containsExactly(
                        WatchEvent.WATCH_EVENT_ENTERED,
                        WatchEvent.WATCH_EVENT_LEFT,
                        WatchEvent.WATCH_EVENT_ENTERED));
    list.requireNoFaults();
  }

  @Test
  void inMemory() {
    try (TestServer server = TestServer.start()) {
      check(server.client(), server.client(), () -> server.clock().advance(Duration.ofSeconds(1)));
    }
  }

  @Test
  void onSqlite() {
    SettableClock clock = new SettableClock();
    try (TestServer server = TestServer.on(directory.resolve("jobs.db"), clock)) {
      check(server.client(), server.client(), () -> clock.advance(Duration.ofSeconds(1)));
    }
  }
}
