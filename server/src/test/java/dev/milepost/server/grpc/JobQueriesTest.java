package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Values;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.BatchGetJobsResponse;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobView;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListItemsResponse;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import dev.milepost.v1.WatchJobsRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads: single jobs, several, pages, counts, journals, items. */
class JobQueriesTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void batchGetKeepsTheOrderAndReportsMissingIds() {
    Job one = ann.create("a");
    Job two = ann.create("b");
    Job foreign = ann.as("bob").create("c");
    BatchGetJobsResponse response =
        ann.jobs()
            .batchGetJobs(
                BatchGetJobsRequest.newBuilder()
                    .addJobIds(two.getId())
                    .addJobIds("nobody")
                    .addJobIds(one.getId())
                    .addJobIds(foreign.getId())
                    .addJobIds(two.getId())
                    .build());
    assertThat(response.getJobsList()).containsExactly(two, one);
    assertThat(response.getMissingJobIdsList()).containsExactly("nobody", foreign.getId());
  }

  @Test
  void batchGetReportsLargeJobsThatDidNotFit() {
    Struct params =
        Struct.newBuilder()
            .putFields("p", Value.newBuilder().setStringValue("x".repeat(250_000)).build())
            .build();
    List<String> left = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      left.add(ann.create(JobSpec.newBuilder().setType("fat").setParams(params)).getId());
    }
    List<String> read = new ArrayList<>();
    List<String> all = List.copyOf(left);
    while (!left.isEmpty()) {
      BatchGetJobsResponse response =
          ann.jobs().batchGetJobs(BatchGetJobsRequest.newBuilder().addAllJobIds(left).build());
      assertThat(response.getSerializedSize()).isLessThan(3 * 1024 * 1024);
      assertThat(response.getJobsList()).isNotEmpty();
      assertThat(response.getMissingJobIdsList()).isEmpty();
      response.getJobsList().forEach(job -> read.add(job.getId()));
      left = response.getOmittedJobIdsList();
    }
    assertThat(read).isEqualTo(all);
  }

  private List<String> pages(ListJobsRequest.Builder request) {
    List<String> ids = new ArrayList<>();
    do {
      ListJobsResponse page = ann.jobs().listJobs(request.build());
      page.getJobsList().forEach(job -> ids.add(job.getId()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return ids;
  }

  @Test
  void pagesAreConsistentInBothOrders() {
    List<String> created = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      created.add(ann.create("resize").getId());
      server.clock().advance(Duration.ofSeconds(1));
    }
    ann.as("bob").create("resize");
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(3).setOrderBy("create_time asc")))
        .isEqualTo(created);
    List<String> newestFirst = new ArrayList<>(created);
    java.util.Collections.reverse(newestFirst);
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(2))).isEqualTo(newestFirst);
    assertThat(pages(ListJobsRequest.newBuilder())).isEqualTo(newestFirst);
  }

  @Test
  void aListIsSortedAsRequested() {
    List<String> ids = new ArrayList<>();
    for (int priority : new int[] {10, 90, 50, 70}) {
      ids.add(ann.create(JobSpec.newBuilder().setType("a").setPriority(priority)).getId());
      server.clock().advance(Duration.ofSeconds(1));
    }
    ann.as("bob").create(JobSpec.newBuilder().setType("a").setPriority(100));
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(ids.get(2)).build());

    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(3).setOrderBy("priority desc")))
        .containsExactly(ids.get(1), ids.get(3), ids.get(2), ids.get(0));
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(1).setOrderBy(" update_time  asc ")))
        .containsExactly(ids.get(0), ids.get(1), ids.get(3), ids.get(2));
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(2).setOrderBy("end_time")))
        .startsWith(ids.get(2))
        .hasSize(4);
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(1).setOrderBy("state desc")))
        .startsWith(ids.get(2))
        .hasSize(4);
  }

  @Test
  void aListIsSortedByType() {
    List<String> ids = new ArrayList<>();
    for (String type : List.of("b", "c", "a")) {
      ids.add(ann.create(JobSpec.newBuilder().setType(type)).getId());
    }

    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(1).setOrderBy("type")))
        .containsExactly(ids.get(2), ids.get(0), ids.get(1));
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(2).setOrderBy("type desc")))
        .containsExactly(ids.get(1), ids.get(0), ids.get(2));
  }

  @Test
  void filtersNarrowAList() {
    Job labelled =
        ann.create(JobSpec.newBuilder().setType("a").putLabels("team", "x").setProjectId("p1"));
    server.clock().advance(Duration.ofSeconds(10));
    Timestamp middle =
        Timestamp.newBuilder().setSeconds(server.clock().instant().getEpochSecond()).build();
    HeldJob running = ann.start("b");
    assertThat(list(JobFilter.newBuilder().putLabels("team", "x")))
        .containsExactly(labelled.getId());
    assertThat(list(JobFilter.newBuilder().putLabels("team", "y"))).isEmpty();
    assertThat(list(JobFilter.newBuilder().addTypes("b"))).containsExactly(running.jobId());
    assertThat(list(JobFilter.newBuilder().setProjectId("p1"))).containsExactly(labelled.getId());
    assertThat(list(JobFilter.newBuilder().addStates(JobState.JOB_STATE_RUNNING)))
        .containsExactly(running.jobId());
    assertThat(list(JobFilter.newBuilder().setAttemptsAbove(0))).containsExactly(running.jobId());
    assertThat(list(JobFilter.newBuilder().setCreateTimeFrom(middle)))
        .containsExactly(running.jobId());
    assertThat(list(JobFilter.newBuilder().setCreateTimeUntil(middle)))
        .containsExactly(labelled.getId());
  }

  private List<String> list(JobFilter.Builder filter) {
    return ann
        .jobs()
        .listJobs(ListJobsRequest.newBuilder().setFilter(filter).build())
        .getJobsList()
        .stream()
        .map(Job::getId)
        .toList();
  }

  @Test
  void aPageTokenIsValidForItsOwnRequestOnly() {
    ann.create("a");
    ann.create("a");
    ListJobsRequest request = ListJobsRequest.newBuilder().setPageSize(1).build();
    String token = ann.jobs().listJobs(request).getNextPageToken();
    assertThat(token).isNotEmpty();
    List<String> elsewhere =
        List.of(
            Failure.of(
                    () ->
                        ann.jobs()
                            .listJobs(
                                request.toBuilder()
                                    .setPageToken(token)
                                    .setOrderBy("create_time")
                                    .build()))
                .violations()
                .get(0),
            Failure.of(
                    () ->
                        ann.as("bob")
                            .jobs()
                            .listJobs(request.toBuilder().setPageToken(token).build()))
                .violations()
                .get(0),
            Failure.of(
                    () -> ann.jobs().listJobs(request.toBuilder().setPageToken("forged").build()))
                .violations()
                .get(0));
    assertThat(elsewhere).allMatch(violation -> violation.startsWith("page_token: "));
    assertThat(
            ann.jobs()
                .listJobs(request.toBuilder().setPageSize(5).setPageToken(token).build())
                .getJobsCount())
        .isEqualTo(1);
  }

  @Test
  void aPageOfLargeJobsFitsIntoAMessage() {
    String fat = "x".repeat(200 * 1024);
    List<String> created = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      created.add(
          ann.create(
                  JobSpec.newBuilder()
                      .setType("fat")
                      .setParams(
                          Struct.newBuilder()
                              .putFields("p", Value.newBuilder().setStringValue(fat).build())))
              .getId());
    }
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(1000).setOrderBy("create_time asc")))
        .isEqualTo(created);
    assertThat(pages(ListJobsRequest.newBuilder().setPageSize(1000).setOrderBy("priority")))
        .containsExactlyInAnyOrderElementsOf(created);
    ListJobsResponse basic =
        ann.jobs()
            .listJobs(
                ListJobsRequest.newBuilder()
                    .setPageSize(1000)
                    .setView(JobView.JOB_VIEW_BASIC)
                    .build());
    assertThat(basic.getJobsList()).hasSize(40).noneMatch(job -> job.getSpec().hasParams());
    assertThat(basic.getNextPageToken()).isEmpty();
  }

  @Test
  void aBasicViewOmitsParamsAndMetadata() {
    Struct some = Struct.newBuilder().putFields("p", Values.of(1)).build();
    Job full = ann.create(JobSpec.newBuilder().setType("a").setParams(some).setMetadata(some));
    Job.Builder basic = full.toBuilder();
    basic.getSpecBuilder().clearParams().clearMetadata();
    JobView view = JobView.JOB_VIEW_BASIC;

    assertThat(
            ann.jobs().listJobs(ListJobsRequest.newBuilder().setView(view).build()).getJobsList())
        .containsExactly(basic.build());
    assertThat(
            ann.jobs()
                .listJobs(ListJobsRequest.newBuilder().setView(view).setOrderBy("priority").build())
                .getJobsList())
        .containsExactly(basic.build());
    assertThat(
            ann.jobs()
                .batchGetJobs(
                    BatchGetJobsRequest.newBuilder().addJobIds(full.getId()).setView(view).build())
                .getJobsList())
        .containsExactly(basic.build());
    assertThat(
            ann.jobs()
                .getJob(GetJobRequest.newBuilder().setJobId(full.getId()).setView(view).build())
                .getJob())
        .isEqualTo(basic.build());
    assertThat(
            ann.jobs()
                .watchJobs(WatchJobsRequest.newBuilder().setView(view).build())
                .next()
                .getJob())
        .isEqualTo(basic.build());
    assertThat(ann.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsList())
        .containsExactly(full);
    Failure failure =
        Failure.of(() -> ann.jobs().listJobs(ListJobsRequest.newBuilder().setViewValue(9).build()));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void countsAreGroupedAndLimitedToWhatTheCallerMaySee() {
    ann.create("a");
    ann.create("a");
    ann.start("b");
    ann.as("bob").create("a");
    assertThat(ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal()).isEqualTo(3);
    List<JobCount> byType =
        ann.jobs()
            .countJobs(
                CountJobsRequest.newBuilder()
                    .addGroupBy(JobGroup.JOB_GROUP_TYPE)
                    .addGroupBy(JobGroup.JOB_GROUP_STATE)
                    .build())
            .getCountsList();
    assertThat(withoutBytes(byType))
        .containsExactly(
            JobCount.newBuilder()
                .setType("a")
                .setState(JobState.JOB_STATE_QUEUED)
                .setCount(2)
                .build(),
            JobCount.newBuilder()
                .setType("b")
                .setState(JobState.JOB_STATE_RUNNING)
                .setCount(1)
                .build());
    assertThat(
            ann.in("OPERATOR")
                .jobs()
                .countJobs(
                    CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_USER).build())
                .getCountsList())
        .extracting(JobCount::getUserId)
        .containsExactly("ann", "bob");
  }

  private static List<JobCount> withoutBytes(List<JobCount> counts) {
    return counts.stream().map(count -> count.toBuilder().clearStoredBytes().build()).toList();
  }

  @Test
  void countsSayHowMuchIsStored() {
    Struct params =
        Struct.newBuilder()
            .putFields("text", Value.newBuilder().setStringValue("x".repeat(50_000)).build())
            .build();
    ann.create(JobSpec.newBuilder().setType("a").setParams(params).putLabels("team", "x"));
    ann.as("bob").create("a");
    CountJobsRequest byUser =
        CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_USER).build();

    CountJobsResponse counts = ann.in("OPERATOR").jobs().countJobs(byUser);

    Map<String, Long> bytes =
        counts.getCountsList().stream()
            .collect(Collectors.toMap(JobCount::getUserId, JobCount::getStoredBytes));
    assertThat(bytes.get("ann")).isBetween(50_000L, 52_000L);
    assertThat(bytes.get("bob")).isBetween(100L, 2_000L);
    assertThat(counts.getStoredBytes()).isEqualTo(bytes.get("ann") + bytes.get("bob"));
    CountJobsRequest byLabel =
        CountJobsRequest.newBuilder()
            .setFilter(JobFilter.newBuilder().putLabels("team", "x"))
            .build();
    assertThat(ann.jobs().countJobs(byLabel).getStoredBytes()).isEqualTo(bytes.get("ann"));
    assertThat(ann.jobs().countJobs(byUser).getStoredBytes()).isEqualTo(bytes.get("ann"));
  }

  @Test
  void attributesWithoutMaintainedCountsAreCountedByAScan() {
    ann.create(JobSpec.newBuilder().setType("a").putLabels("team", "x").setProjectId("p1"));
    ann.create(JobSpec.newBuilder().setType("b").putLabels("team", "x"));
    ann.create(JobSpec.newBuilder().setType("b").putLabels("team", "y"));
    HeldJob stalled =
        ann.start(
            JobSpec.newBuilder()
                .setType("b")
                .setTimeouts(JobTimeouts.newBuilder().setStallAfter(TestClient.seconds(5))));
    ann.as("bob").create(JobSpec.newBuilder().setType("b").putLabels("team", "x"));
    server.clock().advance(Duration.ofSeconds(6));
    await()
        .until(
            () -> ann.get(stalled.jobId()).getStatus().getHealth() == JobHealth.JOB_HEALTH_STALLED);

    CountJobsRequest.Builder team =
        CountJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().putLabels("team", "x"));
    assertThat(ann.jobs().countJobs(team.build()).getTotal()).isEqualTo(2);
    assertThat(
            withoutBytes(
                ann.jobs()
                    .countJobs(team.addGroupBy(JobGroup.JOB_GROUP_SCOPE).build())
                    .getCountsList()))
        .containsExactly(
            JobCount.newBuilder().setScope(JobScope.JOB_SCOPE_PROJECT).setCount(1).build(),
            JobCount.newBuilder().setScope(JobScope.JOB_SCOPE_ITEM_SET).setCount(1).build());
    assertThat(counted(JobFilter.newBuilder().setHealth(JobHealth.JOB_HEALTH_STALLED)))
        .isEqualTo(1);
    assertThat(counted(JobFilter.newBuilder().setAttemptsAbove(0))).isEqualTo(1);
    assertThat(counted(JobFilter.newBuilder().setCreateTimeUntil(Timestamp.getDefaultInstance())))
        .isZero();
  }

  private long counted(JobFilter.Builder filter) {
    return ann.jobs().countJobs(CountJobsRequest.newBuilder().setFilter(filter).build()).getTotal();
  }

  @Test
  void aJournalIsFilteredByLevelTimeAndTextAndPaged() {
    HeldJob work = ann.start("a");
    for (int i = 0; i < 5; i++) {
      server.clock().advance(Duration.ofSeconds(1));
      work.report(
          Report.newBuilder()
              .addLogs(HeldJob.line(LogLevel.LOG_LEVEL_DEBUG, "debug " + i))
              .addLogs(HeldJob.line(LogLevel.LOG_LEVEL_ERROR, "Error " + i)));
    }
    work.report(Report.newBuilder().setStage(Stage.newBuilder().setName("Packing")));
    ListJournalRequest.Builder all = ListJournalRequest.newBuilder().setJobId(work.jobId());
    assertThat(journal(all.clone())).hasSize(13);
    assertThat(journal(all.clone().setMinLevel(LogLevel.LOG_LEVEL_WARNING))).hasSize(2 + 5 + 1);
    assertThat(journal(all.clone().setSearch("ERROR 3")))
        .singleElement()
        .asString()
        .contains("Error 3");
    assertThat(journal(all.clone().setSearch("pack"))).hasSize(1);
    Timestamp since =
        Timestamp.newBuilder().setSeconds(server.clock().instant().getEpochSecond()).build();
    assertThat(journal(all.clone().setMinTime(since))).hasSize(3);

    List<Long> paged = new ArrayList<>();
    ListJournalRequest.Builder request =
        all.clone().setPageSize(2).setMinLevel(LogLevel.LOG_LEVEL_ERROR);
    int pages = 0;
    do {
      ListJournalResponse page = ann.jobs().listJournal(request.build());
      page.getEntriesList().forEach(entry -> paged.add(entry.getSequence()));
      request.setPageToken(page.getNextPageToken());
      pages++;
    } while (!request.getPageToken().isEmpty());
    assertThat(paged).containsExactly(1L, 2L, 4L, 6L, 8L, 10L, 12L, 13L);
    assertThat(pages).isBetween(4, 5);
  }

  private List<?> journal(ListJournalRequest.Builder request) {
    return ann.jobs().listJournal(request.build()).getEntriesList();
  }

  @Test
  void aPageOfLargeEntriesFitsIntoAMessage() {
    HeldJob work = ann.start("a");
    String fat = "é".repeat(16_000);
    for (int i = 0; i < 10; i++) {
      Report.Builder report = Report.newBuilder();
      for (int j = 0; j < 40; j++) {
        report.addLogs(HeldJob.info(fat));
      }
      work.report(report);
    }
    assertThat(ann.journal(work.jobId())).hasSize(2 + 400);
  }

  @Test
  void itemsAreFilteredByStateAndProjectAndPaged() {
    HeldJob work = ann.start("a");
    Report.Builder report = Report.newBuilder();
    for (int i = 0; i < 5; i++) {
      report.addItems(
          Item.newBuilder()
              .setId("i" + i)
              .setProjectId(i < 2 ? "p" : "q")
              .setState(i % 2 == 0 ? ItemState.ITEM_STATE_DONE : ItemState.ITEM_STATE_FAILED));
    }
    work.report(report);
    ListItemsRequest.Builder all = ListItemsRequest.newBuilder().setJobId(work.jobId());
    assertThat(items(all.clone())).containsExactly("i0", "i1", "i2", "i3", "i4");
    assertThat(items(all.clone().addStates(ItemState.ITEM_STATE_FAILED)))
        .containsExactly("i1", "i3");
    assertThat(items(all.clone().setProjectId("p"))).containsExactly("i0", "i1");
    List<String> paged = new ArrayList<>();
    ListItemsRequest.Builder request = all.clone().setPageSize(2);
    do {
      ListItemsResponse page = ann.jobs().listItems(request.build());
      page.getItemsList().forEach(item -> paged.add(item.getId()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    assertThat(paged).containsExactly("i0", "i1", "i2", "i3", "i4");
  }

  private List<String> items(ListItemsRequest.Builder request) {
    return ann.jobs().listItems(request.build()).getItemsList().stream().map(Item::getId).toList();
  }

  @Test
  void aPageOfLargeItemsFitsIntoAMessage() {
    HeldJob work = ann.start("a");
    Struct data =
        Struct.newBuilder()
            .putFields("d", Value.newBuilder().setStringValue("x".repeat(16_000)).build())
            .build();
    for (int i = 0; i < 4; i++) {
      Report.Builder report = Report.newBuilder();
      for (int j = 0; j < 100; j++) {
        report.addItems(Item.newBuilder().setId("i" + i + "-" + j).setData(data));
      }
      work.report(report);
    }
    List<String> paged = new ArrayList<>();
    ListItemsRequest.Builder request =
        ListItemsRequest.newBuilder().setJobId(work.jobId()).setPageSize(1000);
    do {
      ListItemsResponse page = ann.jobs().listItems(request.build());
      page.getItemsList().forEach(item -> paged.add(item.getId()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    assertThat(paged).hasSize(400).doesNotHaveDuplicates();
  }

  @Test
  void progressAndOutcomeAreReadSeparately() {
    HeldJob work = ann.start("a");
    work.report(
        Report.newBuilder()
            .setStage(Stage.newBuilder().setName("Hashing"))
            .putOutcomeIncrements("files", 3));
    work.progress(1, 4);
    GetProgressResponse progress =
        ann.jobs().getProgress(GetProgressRequest.newBuilder().setJobId(work.jobId()).build());
    assertThat(progress.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(progress.getProgress().getPercent()).isEqualTo(25);
    assertThat(progress.getStage().getName()).isEqualTo("Hashing");
    assertThat(progress.getJobId()).isEqualTo(work.jobId());
    assertThat(progress.getMessage()).isEqualTo("Hashing (1 / 4)");
    assertThat(progress.getProcessed()).isEqualTo(1);
    assertThat(progress.getTotal()).isEqualTo(4);
    assertThat(progress.getOutcomeMap()).containsEntry("files", 3L);

    server.clock().advance(Duration.ofSeconds(3));
    Struct result =
        Struct.newBuilder()
            .putFields("path", Value.newBuilder().setStringValue("m").build())
            .build();
    ann.worker()
        .completeJob(
            CompleteJobRequest.newBuilder()
                .setJobId(work.jobId())
                .setAttemptToken(work.token())
                .setResult(result)
                .build());
    GetOutcomeResponse outcome =
        ann.jobs().getOutcome(GetOutcomeRequest.newBuilder().setJobId(work.jobId()).build());
    assertThat(outcome.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(outcome.getOutcomeMap()).containsEntry("files", 3L);
    assertThat(outcome.getResult()).isEqualTo(result);
    assertThat(outcome.getDuration()).isEqualTo(TestClient.seconds(3));
    assertThat(outcome.hasError()).isFalse();
    assertThat(outcome.getJobId()).isEqualTo(work.jobId());
    assertThat(outcome.getProcessed()).isEqualTo(1);
  }

  @Test
  void anExpiredJobIsHiddenImmediately() {
    long expiry = server.clock().instant().plusSeconds(60).getEpochSecond();
    JobSpec.Builder spec = JobSpec.newBuilder().setType("a");
    spec.getExpireTimeBuilder().setSeconds(expiry);
    Job job = ann.create(spec);
    server.clock().advance(Duration.ofSeconds(60));
    Failure failure = Failure.of(() -> ann.get(job.getId()));
    assertThat(failure.reason()).isEqualTo("JOB_NOT_FOUND");
    assertThat(pages(ListJobsRequest.newBuilder())).isEmpty();
  }
}
