package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JobShare;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ShareJobResponse;
import java.time.Duration;
import java.util.Iterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests shares, and clients that have nothing but a share token, against the real server. */
@Timeout(60)
class ShareTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private TestServer server;
  private JobClient ann;

  @BeforeEach
  void connect() {
    server = TestServer.inMemory();
    ann = JobClient.builder(server.target()).user("ann").build();
  }

  @AfterEach
  void close() {
    ann.close();
    server.close();
  }

  private JobClient bearer(ShareJobResponse shared) {
    return JobClient.builder(server.target()).token(shared.getToken()).build();
  }

  @Test
  void aBearerFollowsTheProgressOfTheJobAndNothingElse() {
    JobHandle job = ann.create(JobSpec.of("call"));
    ShareJobResponse shared = ann.shareJob(job.id(), HOUR, "wall");
    assertThat(ann.shares(job.id())).containsExactly(shared.getShare());
    try (JobClient bearer = bearer(shared);
        ProgressWatch watch = bearer.watchProgress(job.id())) {
      Iterator<JobProgress> progress = watch.iterator();
      assertThat(progress.next().state()).isEqualTo(JobState.JOB_STATE_QUEUED);
      assertThatThrownBy(() -> bearer.get(job.id())).isInstanceOf(AccessDeniedException.class);
      job.cancel("");
      assertThat(progress.next().state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(progress.hasNext()).isFalse();
    }
  }

  @Test
  void aRevokedShareEndsItsWatches() {
    JobHandle job = ann.create(JobSpec.of("call"));
    ShareJobResponse one = ann.shareJob(job.id(), HOUR, "one");
    ShareJobResponse two = ann.shareJob(job.id(), HOUR, "two");
    try (JobClient bearer = bearer(one);
        ProgressWatch watch = bearer.watchProgress(job.id())) {
      Iterator<JobProgress> progress = watch.iterator();
      assertThat(progress.hasNext()).isTrue();
      progress.next();
      ann.unshareJob(job.id(), one.getShare().getShareId());
      assertThatThrownBy(progress::hasNext).isInstanceOf(AccessDeniedException.class);
    }
    assertThat(ann.shares(job.id())).extracting(JobShare::getLabel).containsExactly("two");
    ann.unshareJob(job.id());
    assertThat(ann.shares(job.id())).isEmpty();
    try (JobClient bearer = bearer(two)) {
      assertThatThrownBy(() -> bearer.attach(job.id()).progress())
          .isInstanceOf(AccessDeniedException.class);
    }
  }
}
