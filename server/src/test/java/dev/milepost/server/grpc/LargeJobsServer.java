package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.BatchGetJobsResponse;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobView;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A process with a small heap, whose server holds more jobs than fit into it. It calls everything
 * that reads many jobs, and prints what it has done.
 */
final class LargeJobsServer {
  private static final int JOBS = 500;
  private static final JobFilter LABELLED = JobFilter.newBuilder().putLabels("size", "xl").build();

  private final TestClient ann;
  private final List<String> ids = new ArrayList<>();

  private LargeJobsServer(TestClient ann) {
    this.ann = ann;
  }

  /** Starts the process. */
  static Process start(Path file, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // Keeps the optimizing compiler: what it does with a gigabyte of text is worth it.
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            LargeJobsServer.class.getName(),
            file.toString())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /** Runs the calls. */
  public static void main(String[] args) {
    // The clock stands still, so that the bytes of all calls would count as those of one second.
    Map<String, Object> settings =
        Map.of("milepost.store", "sqlite:" + args[0], "milepost.limits.user-bytes-per-second", 0);
    try (TestServer server = TestServer.start(settings, new SettableClock())) {
      LargeJobsServer jobs = new LargeJobsServer(server.client().in("USER,ADMIN"));
      jobs.create();
      jobs.list(ListJobsRequest.newBuilder().setOrderBy("create_time asc"));
      jobs.list(ListJobsRequest.newBuilder().setView(JobView.JOB_VIEW_BASIC));
      jobs.list(ListJobsRequest.newBuilder().setOrderBy("priority desc"));
      jobs.count();
      jobs.batchGet();
      jobs.export();
      jobs.cancelWhileWatching();
      System.out.println("done");
    }
  }

  private void create() {
    Value large = Value.newBuilder().setStringValue("x".repeat(250_000)).build();
    Struct params = Struct.newBuilder().putFields("large", large).build();
    for (int i = 0; i < JOBS; i++) {
      JobSpec.Builder spec = JobSpec.newBuilder().setType("large").setPriority(i % 7);
      ids.add(ann.create(spec.setParams(params).putLabels("size", "xl")).getId());
    }
    System.out.println("created");
  }

  private void list(ListJobsRequest.Builder request) {
    Set<String> seen = new TreeSet<>();
    do {
      ListJobsResponse page = ann.jobs().listJobs(request.setPageSize(1_000).build());
      page.getJobsList().forEach(job -> seen.add(job.getId()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(ids);
    System.out.println("listed");
  }

  private void count() {
    CountJobsRequest request = CountJobsRequest.newBuilder().setFilter(LABELLED).build();
    assertThat(ann.jobs().countJobs(request).getTotal()).isEqualTo(JOBS);
    System.out.println("counted");
  }

  private void batchGet() {
    BatchGetJobsRequest.Builder request = BatchGetJobsRequest.newBuilder().addAllJobIds(ids);
    int found = 0;
    while (request.getJobIdsCount() > 0) {
      BatchGetJobsResponse response = ann.jobs().batchGetJobs(request.build());
      found += response.getJobsCount();
      request.clearJobIds().addAllJobIds(response.getOmittedJobIdsList());
    }
    assertThat(found).isEqualTo(JOBS);
    System.out.println("read");
  }

  private void export() {
    Iterator<ExportJobsResponse> parts =
        AdminServiceGrpc.newBlockingStub(ann.channel())
            .exportJobs(ExportJobsRequest.getDefaultInstance());
    int jobs = 0;
    while (parts.hasNext()) {
      jobs += parts.next().getLast() ? 1 : 0;
    }
    assertThat(jobs).isEqualTo(JOBS);
    System.out.println("exported");
  }

  private void cancelWhileWatching() {
    Iterator<WatchJobsResponse> watch =
        ann.jobs().watchJobs(WatchJobsRequest.newBuilder().setFilter(LABELLED).build());
    int shown = 0;
    while (watch.next().getEvent() != WatchEvent.WATCH_EVENT_SYNCED) {
      shown++;
    }
    assertThat(shown).isEqualTo(JOBS);
    System.out.println("watched");
    CancelJobsRequest.Builder request = CancelJobsRequest.newBuilder().setFilter(LABELLED);
    long cancelled = 0;
    do {
      CancelJobsResponse response = ann.jobs().cancelJobs(request.build());
      cancelled += response.getCount();
      request.setPageToken(response.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    assertThat(cancelled).isEqualTo(JOBS);
    Job first = watch.next().getJob();
    assertThat(first.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    System.out.println("cancelled");
  }
}
