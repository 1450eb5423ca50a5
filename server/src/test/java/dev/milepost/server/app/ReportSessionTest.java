package dev.milepost.server.app;

import static dev.milepost.server.app.UseCases.ANN;
import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.Directive;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.StartJob;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session follows the attempts that use it, and a bounded number of them. */
class ReportSessionTest {
  private final UseCases app = new UseCases(new QuotaLimits(0, 0, 0, 0), ServiceObserver.NONE);
  private final AtomicInteger woken = new AtomicInteger();
  private final ReportSession session = app.reports.open(ANN, woken::incrementAndGet);

  @AfterEach
  void close() {
    session.close();
    app.close();
  }

  private ReportStreamRequest start() {
    CreateJobResponse started =
        await(
            app.creation.create(
                ANN,
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("sync"))
                    .setStart(StartJob.newBuilder().setWorkerId("w"))
                    .build()));
    return ReportStreamRequest.newBuilder()
        .setJobId(started.getJob().getId())
        .setAttemptToken(started.getGrant().getAttemptToken())
        .build();
  }

  private void cancel(ReportStreamRequest attempt) {
    await(app.access.change(ANN, attempt.getJobId(), new JobCommand.Cancel("ann", "", null)));
  }

  @Test
  void aCancelRaisesOneNoticeForEachAttempt() {
    ReportStreamRequest one = start();
    ReportStreamRequest other = start();
    await(session.report(one));
    await(session.report(other));
    assertThat(session.next()).isNull();

    cancel(one);
    cancel(other);

    List<ReportStreamResponse> notices = new ArrayList<>();
    Awaitility.await()
        .until(
            () -> {
              ReportStreamResponse next = session.next();
              if (next != null) {
                notices.add(next);
              }
              return notices.size() == 2;
            });
    assertThat(woken).hasPositiveValue();
    assertThat(notices)
        .extracting(ReportStreamResponse::getJobId)
        .containsExactlyInAnyOrder(one.getJobId(), other.getJobId());
    assertThat(notices)
        .allMatch(n -> n.getNotice().getAck().getDirective() == Directive.DIRECTIVE_CANCEL);
    assertThat(session.next()).isNull();
  }

  @Test
  void onlyTheLastThousandAttemptsAreFollowed() {
    for (int i = 0; i < ReportSession.MAX_FOLLOWED + 5; i++) {
      await(session.report(start()));
    }
    assertThat(app.attempts.followed()).isEqualTo(ReportSession.MAX_FOLLOWED);
    session.close();
    assertThat(app.attempts.followed()).isZero();
  }

  @Test
  void anAttemptWithoutARightIsNotFollowed() {
    ReportStreamRequest guess = start().toBuilder().setAttemptToken("guess").build();
    assertThatThrownBy(() -> await(session.report(guess))).isInstanceOf(Refusal.LeaseLost.class);
    Awaitility.await().until(() -> app.attempts.followed() == 0);
    cancel(guess);
    assertThat(session.next()).isNull();
  }
}
