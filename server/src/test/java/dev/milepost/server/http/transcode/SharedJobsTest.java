package dev.milepost.server.http.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedJobsTest {
  private final List<Job> printed = new ArrayList<>();
  private final SharedJobs jobs =
      new SharedJobs(
          job -> {
            printed.add(job);
            return "\"" + job.getId() + "\"";
          });

  private static Job job(String id) {
    return Job.newBuilder().setId(id).build();
  }

  @Test
  void oneObjectIsPrintedOnce() {
    Job job = job("a");
    for (int i = 0; i < 1_000; i++) {
      assertThat(jobs.print(job)).isEqualTo("\"a\"");
    }
    assertThat(printed).hasSize(1);
  }

  @Test
  void eachOfManyObjectsIsPrintedAsItself() {
    for (int i = 0; i < 5_000; i++) {
      assertThat(jobs.print(job("job-" + i))).isEqualTo("\"job-" + i + "\"");
    }
  }

  @Test
  void largeJobsAreNotKept() {
    Job large = job("x".repeat(10_000));
    String first = jobs.print(large);
    assertThat(jobs.print(large)).isEqualTo(first);
    assertThat(printed).hasSize(2);
  }

  @Test
  void aChangeIsTheSameMessageAsWithoutSharing() throws Exception {
    Json json = new Json(TestRoutes.ALL.all());
    Job job = job("a").toBuilder().setSpec(JobSpec.newBuilder().setType("}{\",")).build();
    for (WatchJobsResponse change :
        List.of(
            WatchJobsResponse.newBuilder().setJob(job).build(),
            WatchJobsResponse.newBuilder()
                .setJob(job)
                .setEvent(WatchEvent.WATCH_EVENT_CHANGED)
                .setResumeToken("token")
                .build(),
            WatchJobsResponse.newBuilder().setEvent(WatchEvent.WATCH_EVENT_SYNCED).build(),
            WatchJobsResponse.getDefaultInstance())) {
      WatchJobsResponse.Builder read = WatchJobsResponse.newBuilder();
      json.read(json.print(change), read);
      assertThat(read.build()).isEqualTo(change);
    }
  }
}
