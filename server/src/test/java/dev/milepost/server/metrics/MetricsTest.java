package dev.milepost.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.Failure;
import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.JobWatchRecorder;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics page of a server that has done some work, and what it must never contain. */
class MetricsTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "METRICS.md");
  private static final Pattern ROW = Pattern.compile("\\| `\\w+_\\w+` \\|");
  private static final int ROOM_FOR_JOBS = 3;

  @TempDir Path directory;

  private TestServer server;
  private final List<String> names = new ArrayList<>();

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            Map.of(
                "milepost.store",
                "sqlite:" + directory.resolve("jobs.db"),
                "milepost.http.listen",
                "localhost:0",
                "milepost.watch.bookmark-interval",
                "100ms",
                "milepost.limits.tenant-jobs",
                ROOM_FOR_JOBS));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private MetricsPage page() {
    return MetricsPage.read(server.server().http() + "/metrics");
  }

  private void reads(String sample, double value) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(page().value(sample)).as(sample).isEqualTo(value));
  }

  /** Makes each kind of call once for a user; returns all names that were used. */
  private void drive(String tenant, String user) {
    TestClient client = server.client().of(tenant).as(user);
    JobSpec.Builder spec =
        JobSpec.newBuilder()
            .setType("type-" + user)
            .setProjectId("project-" + user)
            .setDisplayName("display-" + user)
            .putLabels("label", "value-" + user);
    String first = client.create(spec).getId();
    HeldJob work = client.claim();
    assertThat(client.claim(1)).isEmpty();
    JobWatchRecorder watch = client.watch(work.jobId());
    watch.awaitMessages(1);
    reads("milepost_watches_open", 1);
    work.log(LogLevel.LOG_LEVEL_INFO, "line-" + user);
    reportOnStream(work);
    assertThat(work.complete().getId()).isEqualTo(first);
    assertThat(watch.awaitEnd().isOk()).isTrue();
    HeldJob lost = client.start(spec);
    server.clock().advance(Duration.ofMinutes(1));
    await().until(() -> client.get(lost.jobId()).getStatus().getRetryCount() == 1);
    String third = client.create(spec).getId();
    assertThat(Failure.of(() -> client.create(spec)).code())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    names.addAll(List.of(tenant, user, first, lost.jobId(), third, work.token(), "line-" + user));
  }

  private static void reportOnStream(HeldJob work) {
    List<ReportStreamResponse> answers = new ArrayList<>();
    StreamObserver<ReportStreamRequest> stream =
        work.client()
            .workerAsync()
            .reportStream(
                new StreamObserver<>() {
                  @Override
                  public synchronized void onNext(ReportStreamResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });
    stream.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .setReport(Report.getDefaultInstance())
            .build());
    await().until(() -> answers.size() == 1);
    stream.onCompleted();
  }

  @Test
  void activityIsCounted() {
    drive("tenant-1", "user-1");
    reads("milepost_claims_total{result=\"granted\"}", 1);
    reads("milepost_claims_total{result=\"empty\"}", 1);
    reads("milepost_claimed_jobs_total", 1);
    reads("milepost_report_latency_seconds_count", 2);
    reads("milepost_refused_calls_total{limit=\"tenant-jobs\"}", 1);
    reads("milepost_refused_calls_total{limit=\"user-jobs\"}", 0);
    reads("milepost_refused_calls_total{limit=\"user-stored-bytes\"}", 0);
    reads("milepost_refused_calls_total{limit=\"store-changes\"}", 0);
    reads("milepost_upkeep_ticks_total{result=\"requeued\"}", 1);
    reads("milepost_jobs_ended_total{kind=\"job\",outcome=\"succeeded\"}", 1);
    reads("milepost_jobs_ended_total{kind=\"job\",outcome=\"failed\"}", 0);
    reads("milepost_job_run_seconds_count", 1);
    reads("milepost_store_up", 1);
    reads("milepost_ready", 1);
    reads("milepost_claims_waiting", 0);
    reads("milepost_watches_open", 0);
    reads("milepost_watches_behind", 0);
    reads("milepost_store_waiting_changes", 0);
    MetricsPage page = page();
    assertThat(page.value("milepost_watch_lag_seconds_count")).isPositive();
    assertThat(page.value("milepost_store_commit_seconds_count")).isPositive();
    assertThat(page.value("milepost_store_commit_updates_sum"))
        .isGreaterThanOrEqualTo(page.value("milepost_store_commit_updates_count"));
    assertThat(page.value("process_uptime_seconds")).isPositive();
    assertThat(page.value("jvm_threads_live_threads")).isPositive();
  }

  @Test
  void callsAreCountedByMethodAndCodeIncludingRejectedOnes() {
    drive("tenant-1", "user-1");
    assertThat(
            Failure.of(
                    () ->
                        server
                            .client()
                            .anonymous()
                            .jobs()
                            .getJob(GetJobRequest.getDefaultInstance()))
                .code())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    reads(calls("JobService", "CreateJob", "UNARY", "OK"), 3);
    reads(calls("JobService", "CreateJob", "UNARY", "RESOURCE_EXHAUSTED"), 1);
    reads(calls("JobService", "GetJob", "UNARY", "UNAUTHENTICATED"), 1);
    reads(calls("JobService", "WatchJob", "SERVER_STREAMING", "OK"), 1);
    reads(calls("WorkerService", "ReportStream", "BIDI_STREAMING", "OK"), 1);
    // One of the two found no job.
    reads(calls("WorkerService", "ClaimJobs", "UNARY", "OK"), 2);
  }

  private static String calls(String service, String method, String type, String code) {
    return "grpc_server_processing_duration_seconds_count{method=\"%s\",methodType=\"%s\",service=\"milepost.v1.%s\",statusCode=\"%s\"}"
        .formatted(method, type, service, code);
  }

  @Test
  void theLagOfASlowWatchIsMeasured() {
    HeldJob work = server.client().start("a");
    JobWatchRecorder slow =
        server.client().watch(WatchJobRequest.newBuilder().setJobId(work.jobId()), 1);
    slow.awaitMessages(1);
    Report.Builder lines = Report.newBuilder();
    for (int i = 0; i < 100; i++) {
      lines.addLogs(HeldJob.info("x".repeat(10_000)));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              work.report(lines.clone());
              // More than one report's lines, since even a fast reader is one report behind for a
              // moment.
              return page().value("milepost_watch_max_entries_behind") > 300;
            });
    reads("milepost_watches_behind", 1);
    slow.cancel();
    reads("milepost_watches_open", 0);
    reads("milepost_watches_behind", 0);
  }

  @Test
  void thePageContainsNoNamesOfUsersTenantsOrJobs() {
    drive("tenant-1", "user-1");
    drive("tenant-2", "user-2");
    drive("tenant-3", "user-3");
    reads("milepost_claimed_jobs_total", 3);
    String page = page().text();
    assertThat(names).isNotEmpty().allSatisfy(name -> assertThat(page).doesNotContain(name));
    assertThat(page).doesNotContain("tenant-1", "type-", "project-", "display-", "value-");
  }

  @Test
  void theDocumentListsExactlyTheMeters() throws IOException {
    drive("tenant-1", "user-1");
    Map<String, MetricsPage.Family> exported = new TreeMap<>();
    page()
        .families()
        .forEach(
            (name, family) -> {
              if (name.startsWith("milepost_") || name.startsWith("grpc_")) {
                exported.put(name, family);
              }
            });
    Map<String, MetricsPage.Family> documented = documented();
    Set<String> ofTheProcess = new TreeSet<>(documented.keySet());
    documented
        .keySet()
        .removeIf(name -> !name.startsWith("milepost_") && !name.startsWith("grpc_"));
    ofTheProcess.removeAll(documented.keySet());
    assertThat(documented).isEqualTo(exported);
    assertThat(page().families().keySet()).containsAll(ofTheProcess);
  }

  /** Returns the rows of the document's tables that describe meters: name, type, unit, labels. */
  private static Map<String, MetricsPage.Family> documented() throws IOException {
    Map<String, MetricsPage.Family> documented = new TreeMap<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (ROW.matcher(line).lookingAt()) {
        List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
        Set<String> labels = new TreeSet<>();
        for (String label : cells.get(4).split(",")) {
          labels.add(label.strip().replace("`", ""));
        }
        labels.remove("");
        documented.put(cells.get(1).replace("`", ""), new MetricsPage.Family(cells.get(2), labels));
      }
    }
    return documented;
  }
}
