package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.Directive;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import dev.milepost.v1.Worker;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that share a store behave like one server, whatever the store. */
@Tag("slow")
abstract class SeveralServersContract {
  @TempDir private Path directory;
  private TestServer a;
  private TestServer b;
  private TestServer c;

  /** Returns the URL of a store: empty at the first call within a test, the same one afterwards. */
  protected abstract String url();

  /** Breaks every connection from the servers to the store. */
  protected abstract int cutConnections() throws Exception;

  /** Called after the last server has closed the store. */
  protected void closeStore() {}

  @BeforeEach
  void startAll() {
    a = start();
    b = start();
    c = start();
  }

  private TestServer start() {
    return TestServer.inRealTime(
        Map.of(
            "milepost.store",
            url(),
            "milepost.token-key-file",
            directory.resolve("token-key").toString()));
  }

  @AfterEach
  void stop() {
    for (TestServer server : List.of(a, b, c)) {
      server.close();
    }
    closeStore();
  }

  private static List<Long> numbers(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void workerWatcherAndCancellerMayUseDifferentServers() {
    Job job = a.client().create("sync");
    JobWatchRecorder watch = b.client().watch(job.getId()).awaitMessages(1);
    HeldJob work = a.client().claim();
    for (int i = 1; i <= 50; i++) {
      work.log(LogLevel.LOG_LEVEL_INFO, "line " + i);
    }
    watch.awaitPosition(52);

    c.client()
        .jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(job.getId()).setReason("enough").build());

    ReportAck ack = work.heartbeat();
    assertThat(ack.getDirective()).isEqualTo(Directive.DIRECTIVE_CANCEL);
    assertThat(ack.getCancel().getReason()).isEqualTo("enough");
    work.by(b.client()).confirmCancel();
    assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(watch.sequences()).isEqualTo(numbers(watch.position()));
    assertThat(c.client().get(job.getId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void aCancelByAnotherServerReachesTheReportStream() {
    HeldJob work = a.client().start("sync");
    ReportStreamRecorder stream = new ReportStreamRecorder(b.client(), Integer.MAX_VALUE);
    stream.heartbeat(work);
    stream.awaitAnswers(1);

    c.client().jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(work.jobId()).build());

    stream.awaitAnswers(2);
    assertThat(stream.answers.get(1).getNotice().getAck().getDirective())
        .isEqualTo(Directive.DIRECTIVE_CANCEL);
  }

  @Test
  void aShareIsValidAndRevokedOnAllServers() throws Exception {
    Job job = a.client().create("sync");
    ShareJobResponse shared =
        a.client().jobs().shareJob(ShareJobRequest.newBuilder().setJobId(job.getId()).build());
    TestClient bearer = b.client().anonymous().with("authorization", "Bearer " + shared.getToken());
    ResponseRecorder<WatchProgressResponse> watch = new ResponseRecorder<>();
    bearer
        .jobsAsync()
        .watchProgress(WatchProgressRequest.newBuilder().setJobId(job.getId()).build(), watch);
    await().until(() -> !watch.responses().isEmpty());
    HeldJob work = c.client().claim();
    await().until(() -> watch.last().getProgress().getState() == JobState.JOB_STATE_RUNNING);

    c.client()
        .jobs()
        .unshareJob(UnshareJobRequest.newBuilder().setJobId(job.getId()).setAll(true).build());

    assertThat(watch.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(
            Failure.of(
                    () ->
                        bearer
                            .jobs()
                            .getProgress(
                                GetProgressRequest.newBuilder().setJobId(job.getId()).build()))
                .code())
        .isEqualTo(Code.UNAUTHENTICATED);
    work.complete();
  }

  @Test
  void everyServerKnowsTheWorkersOfAllServers() {
    String id = a.client().create("import").getId();
    WorkersTest.waitFor(
        b.client().in("WORKER"),
        ClaimJobsRequest.newBuilder().setWorkerId("typo").addTypes("imort"));

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(WorkersTest.explain(c.client(), id).getReasonsList())
                    .extracting(ClaimReason::getMessage)
                    .contains("1 worker waits for type \"imort\"."));
    assertThat(WorkersTest.workers(c.client(), ListWorkersRequest.newBuilder()))
        .extracting(Worker::getWorkerId)
        .containsExactly("typo");
  }

  @Test
  void everyServerKnowsTheStatisticsOfAllServers() {
    a.client().create("x");
    b.client().create("x");
    b.client().claim().complete();

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(StatsTest.lastHour(c.client())).isEqualTo("2 1 1 0 0"));
  }

  @Test
  void noJobIsClaimedTwice() throws InterruptedException {
    int jobs = 300;
    List<TestServer> servers = List.of(a, b, c);
    for (int i = 0; i < jobs; i++) {
      servers.get(i % 3).client().create("sync");
    }
    Queue<String> claimed = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 9; t++) {
      TestClient client = servers.get(t % 3).client();
      threads.add(
          new Thread(
              () -> {
                while (claimed.size() < jobs) {
                  client.claim(3).forEach(work -> claimed.add(work.jobId()));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }

    assertThat(claimed).hasSize(jobs).doesNotHaveDuplicates();
  }

  @Test
  void aWaitingClaimIsWokenByAJobCreatedOnAnotherServer() {
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> answer =
        PendingCall.call(
            b.client().workerAsync()::claimJobs,
            TestClient.claimRequest().setMaxJobs(1).setWait(TestClient.seconds(30)).build());

    Job job = a.client().create("sync");

    ClaimJobsResponse claimed = answer.orTimeout(20, TimeUnit.SECONDS).join();
    assertThat(claimed.getJobsCount()).isEqualTo(1);
    assertThat(claimed.getJobs(0).getJob().getId()).isEqualTo(job.getId());
  }

  @Test
  void noLineIsLostOrDuplicatedWhenConnectionsBreak() throws Exception {
    int reports = 120;
    HeldJob work = a.client().start("sync");
    JobWatchRecorder watch = b.client().watch(work.jobId()).awaitMessages(1);
    List<Long> seen = new ArrayList<>();
    for (int i = 1; i <= reports; i++) {
      if (i % 30 == 0) {
        assertThat(cutConnections()).isPositive();
      }
      Report.Builder report =
          Report.newBuilder().setReportSeq(i).addLogs(HeldJob.info("line " + i));
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofSeconds(20))
          .until(() -> isAcknowledged(work, report));
    }

    long last = 2L + reports;
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    long position = 0;
    while (position < last && System.nanoTime() < deadline) {
      JobWatchRecorder current = watch;
      long before = position;
      await().until(() -> current.isOver() || before + current.sequences().size() >= last);
      seen.addAll(current.sequences());
      position = seen.isEmpty() ? 0 : seen.get(seen.size() - 1);
      if (position < last) {
        // As the SDK does: it resumes from its last position.
        watch =
            b.client()
                .watch(
                    WatchJobRequest.newBuilder().setJobId(work.jobId()).setAfterSequence(position));
      }
    }

    assertThat(seen).isEqualTo(numbers(last));
    assertThat(c.client().journal(work.jobId())).hasSize((int) last);
  }

  @Test
  void aJobThatIsCreatedAgainIsAnotherJob() {
    ReusedIdTest.check(a.client(), b.client(), () -> {});
  }

  /** Repeats a report until it is acknowledged; the server recognizes repetitions. */
  private static boolean isAcknowledged(HeldJob work, Report.Builder report) {
    try {
      return work.report(report).getCommittedSeq() >= report.getReportSeq();
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
      return false;
    }
  }
}
