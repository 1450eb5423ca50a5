package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests jobs with large params: together they exceed what one message may have. */
@Timeout(90)
class RealServerLargeJobsTest {
  private static final int JOBS = 100;
  private static final JobSpec LARGE =
      JobSpec.of("large").maxRetries(0).params(Map.of("text", "x".repeat(250_000)));

  @TempDir Path folder;
  private TestServer server;
  private JobClient client;

  @BeforeEach
  void connect() {
    server = TestServer.durable(folder);
    client = JobClient.connect(server.target());
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aWorkerRunsAsManyLargeJobsAsItHasRoomFor() throws Exception {
    List<JobHandle> jobs = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      jobs.add(client.create(LARGE));
    }
    CountDownLatch allRun = new CountDownLatch(JOBS);
    JobHandler handler =
        context -> {
          assertThat(context.job().getSpec().getParams().getSerializedSize())
              .isGreaterThan(250_000);
          allRun.countDown();
          allRun.await();
        };

    try (Worker worker = Worker.builder(client).defaultHandler(handler).concurrency(JOBS).start()) {
      for (JobHandle job : jobs) {
        JobStatus status = job.completion().get(60, TimeUnit.SECONDS).getStatus();
        assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
        assertThat(status.getAttempt()).isEqualTo(1);
      }
      assertThat(worker.stopped()).isNotDone();
    }
  }

  @Test
  void aBasicViewOmitsParams() {
    for (int i = 0; i < 20; i++) {
      client.create(LARGE);
    }
    JobFilter all = JobFilter.getDefaultInstance();

    List<Job> basic = new ArrayList<>();
    client.list(all, "", JobView.JOB_VIEW_BASIC).forEach(basic::add);
    List<Job> full = new ArrayList<>();
    client.list(all).forEach(full::add);

    assertThat(full).hasSize(20).allMatch(job -> job.getSpec().hasParams());
    full.replaceAll(RealServerLargeJobsTest::withoutParams);
    assertThat(basic).isEqualTo(full);
    List<Job> shown = new ArrayList<>();
    try (JobListWatch watch = client.watchJobs(all, JobView.JOB_VIEW_BASIC)) {
      Iterator<JobListEvent> events = watch.iterator();
      JobListEvent event = events.next();
      while (!(event instanceof JobListEvent.Synced)) {
        if (event instanceof JobListEvent.SnapshotJob snapshot) {
          shown.add(snapshot.job());
        }
        event = events.next();
      }
    }
    assertThat(shown).isEqualTo(full);
  }

  private static Job withoutParams(Job job) {
    Job.Builder without = job.toBuilder();
    without.getSpecBuilder().clearParams();
    return without.build();
  }
}
