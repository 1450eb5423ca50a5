package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.Webhook;
import io.grpc.Status.Code;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Invalid requests are refused with the names of the fields and their limits, and change nothing.
 */
class BadInputTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();
  private final HeldJob work = ann.start("resize");

  @AfterEach
  void stop() {
    server.close();
  }

  private DynamicTest refused(String violation, Callable<? extends Message> call) {
    return DynamicTest.dynamicTest(
        violation,
        () -> {
          Job before = ann.get(work.jobId());
          Failure failure = Failure.of(call);
          assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
          assertThat(failure.reason()).isEqualTo("INVALID_ARGUMENT");
          assertThat(failure.info().getDomain()).isEqualTo("milepost.dev");
          assertThat(failure.violations()).anyMatch(found -> found.startsWith(violation));
          assertThat(failure.message()).isNotBlank();
          assertThat(ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal())
              .isEqualTo(1);
          assertThat(ann.get(work.jobId())).isEqualTo(before);
        });
  }

  private DynamicTest spec(String violation, JobSpec.Builder spec) {
    return refused(
        violation, () -> ann.jobs().createJob(CreateJobRequest.newBuilder().setSpec(spec).build()));
  }

  private static JobSpec.Builder good() {
    return JobSpec.newBuilder().setType("resize");
  }

  private static Struct struct(int bytes) {
    return Struct.newBuilder()
        .putFields("k", Value.newBuilder().setStringValue("x".repeat(bytes)).build())
        .build();
  }

  @TestFactory
  Stream<DynamicTest> aNewJob() {
    JobSpec.Builder labels = good();
    for (int i = 0; i < 65; i++) {
      labels.putLabels("l" + i, "v");
    }
    return Stream.of(
        spec("spec.type: must be 1 to 128", JobSpec.newBuilder()),
        spec("spec.type: must be 1 to 128", JobSpec.newBuilder().setType("a b")),
        spec("spec.priority: must be 0 to 100", good().setPriority(101)),
        spec("spec.priority: must be 0 to 100", good().setPriority(-1)),
        spec("spec.project_id: is required", good().setScope(JobScope.JOB_SCOPE_PROJECT)),
        spec(
            "spec.project_id: must be empty",
            good().setScope(JobScope.JOB_SCOPE_GLOBAL).setProjectId("p")),
        spec("spec.params: must be at most 262144 bytes", good().setParams(struct(262_144))),
        spec("spec.metadata: must be at most 65536 bytes", good().setMetadata(struct(65_536))),
        spec("spec.scope: must be a value that this server knows", good().setScopeValue(99)),
        spec("spec.trigger: must be a value that this server knows", good().setTriggerValue(99)),
        spec("spec.labels: must be at most 64", labels),
        spec("spec.max_retries: must be 0 to 100", good().setMaxRetries(101)),
        spec(
            "spec.timeouts.lease: must be 1 s to",
            good().setTimeouts(JobTimeouts.newBuilder().setLease(TestClient.seconds(0)))),
        spec(
            "spec.webhook.url: must be an https URL",
            good().setWebhook(Webhook.newBuilder().setUrl("http://a/"))),
        refused(
            "job_id: must be 1 to 128",
            () ->
                ann.jobs()
                    .createJob(
                        CreateJobRequest.newBuilder().setSpec(good()).setJobId("a/b").build())),
        refused(
            "request_id: must be at most 128",
            () ->
                ann.jobs()
                    .createJob(
                        CreateJobRequest.newBuilder().setSpec(good()).setRequestId("ü").build())),
        refused(
            "items: must be at most 2000",
            () -> {
              CreateJobRequest.Builder request = CreateJobRequest.newBuilder().setSpec(good());
              for (int i = 0; i < 2_001; i++) {
                request.addItems(Item.newBuilder().setId("i" + i));
              }
              return ann.jobs().createJob(request.build());
            }),
        refused(
            "items: must have unique ids",
            () ->
                ann.jobs()
                    .createJob(
                        CreateJobRequest.newBuilder()
                            .setSpec(good())
                            .addItems(Item.newBuilder().setId("a"))
                            .addItems(Item.newBuilder().setId("a"))
                            .build())));
  }

  @TestFactory
  Stream<DynamicTest> reading() {
    String id = work.jobId();
    return Stream.of(
        refused(
            "job_id: ",
            () -> ann.jobs().getJob(GetJobRequest.newBuilder().setJobId("no job").build())),
        refused("job_id: ", () -> ann.jobs().getJob(GetJobRequest.getDefaultInstance())),
        refused(
            "job_ids: must be 1 to 1000",
            () -> ann.jobs().batchGetJobs(BatchGetJobsRequest.getDefaultInstance())),
        refused(
            "page_size: must not be negative",
            () -> ann.jobs().listJobs(ListJobsRequest.newBuilder().setPageSize(-1).build())),
        refused(
            "page_size: must not be negative",
            () ->
                ann.jobs()
                    .listItems(ListItemsRequest.newBuilder().setJobId(id).setPageSize(-1).build())),
        refused(
            "page_size: must not be negative",
            () ->
                ann.jobs()
                    .listJournal(
                        ListJournalRequest.newBuilder().setJobId(id).setPageSize(-1).build())),
        refused(
            "page_token: ",
            () -> ann.jobs().listJobs(ListJobsRequest.newBuilder().setPageToken("AAAA").build())),
        refused(
            "page_token: ",
            () ->
                ann.jobs()
                    .listJournal(
                        ListJournalRequest.newBuilder().setJobId(id).setPageToken("1").build())),
        refused(
            "order_by: must be",
            () -> ann.jobs().listJobs(ListJobsRequest.newBuilder().setOrderBy("labels").build())),
        refused(
            "filter.states: ",
            () ->
                ann.jobs()
                    .listJobs(
                        ListJobsRequest.newBuilder()
                            .setFilter(JobFilter.newBuilder().addStatesValue(77))
                            .build())),
        refused(
            "group_by: must be known values",
            () -> ann.jobs().countJobs(CountJobsRequest.newBuilder().addGroupByValue(9).build())),
        refused(
            "min_level: must be a value",
            () ->
                ann.jobs()
                    .listJournal(
                        ListJournalRequest.newBuilder().setJobId(id).setMinLevelValue(9).build())),
        refused(
            "states: must be known values",
            () ->
                ann.jobs()
                    .listItems(
                        ListItemsRequest.newBuilder().setJobId(id).addStatesValue(9).build())),
        refused(
            "wait: must be 0 s to 3600 s",
            () ->
                ann.jobs()
                    .waitJob(
                        WaitJobRequest.newBuilder()
                            .setJobId(id)
                            .setWait(TestClient.seconds(3_601))
                            .build())),
        refused(
            "after_sequence: must not be negative",
            () -> watch(WatchJobRequest.newBuilder().setAfterSequence(-1))),
        refused(
            "tail: must not be negative", () -> watch(WatchJobRequest.newBuilder().setTail(-1))),
        refused(
            "min_level: must be a value",
            () -> watch(WatchJobRequest.newBuilder().setMinLevelValue(9))),
        refused(
            "omit_journal: must not be set",
            () -> watch(WatchJobRequest.newBuilder().setOmitJournal(true).setOmitStatus(true))),
        refused(
            "grace: must be 0 s to 86400 s",
            () ->
                ann.jobs()
                    .cancelJob(
                        CancelJobRequest.newBuilder()
                            .setJobId(id)
                            .setGrace(TestClient.seconds(-1))
                            .build())),
        refused(
            "reason: must be at most 1024",
            () ->
                ann.jobs()
                    .cancelJob(
                        CancelJobRequest.newBuilder()
                            .setJobId(id)
                            .setReason("x".repeat(1_025))
                            .build())));
  }

  private Message watch(WatchJobRequest.Builder request) {
    return ann.jobs().watchJob(request.setJobId(work.jobId()).build()).next();
  }

  private DynamicTest report(String violation, Report.Builder report) {
    return refused(violation, () -> work.report(report));
  }

  private static Report.Builder progress(Progress.Builder progress) {
    return Report.newBuilder().setProgress(progress);
  }

  @TestFactory
  Stream<DynamicTest> reporting() {
    Report.Builder lines = Report.newBuilder();
    for (int i = 0; i < 1_001; i++) {
      lines.addLogs(HeldJob.info("x"));
    }
    return Stream.of(
        report(
            "report.progress.fraction: must be 0.0 to 1.0",
            progress(Progress.newBuilder().setFraction(Double.NaN))),
        report(
            "report.progress.fraction: must be 0.0 to 1.0",
            progress(Progress.newBuilder().setFraction(2.0))),
        report(
            "report.progress.current: must not be negative",
            progress(Progress.newBuilder().setCurrent(-1))),
        report(
            "report.progress.sub_operations[0].id: must be 1 to 64",
            progress(Progress.newBuilder().addSubOperations(SubOperation.getDefaultInstance()))),
        report("report.report_seq: must not be negative", Report.newBuilder().setReportSeq(-1)),
        report("report.logs: must be at most 1000", lines),
        report(
            "report.logs[0].level: must be one of",
            Report.newBuilder().addLogs(HeldJob.line(LogLevel.LOG_LEVEL_UNSPECIFIED, "x"))),
        report(
            "report.logs[0].message: must be 1 to 16384",
            Report.newBuilder().addLogs(HeldJob.info(""))),
        report(
            "report.logs[0].message: must be 1 to 16384",
            Report.newBuilder().addLogs(HeldJob.info("x".repeat(16_385)))),
        report(
            "report.items[0].data: must be at most 16384 bytes",
            Report.newBuilder().addItems(Item.newBuilder().setId("a").setData(struct(16_384)))),
        report(
            "report.items[0].state: must be a value",
            Report.newBuilder().addItems(Item.newBuilder().setId("a").setStateValue(9))),
        report(
            "report.checkpoint: must be at most 65536 bytes",
            Report.newBuilder().setCheckpoint(struct(65_536))),
        report(
            "report.outcome_values: must have names", Report.newBuilder().putOutcomeValues("", 1)),
        refused(
            "error.code: must be 1 to 64",
            () ->
                ann.worker()
                    .failJob(
                        FailJobRequest.newBuilder()
                            .setJobId(work.jobId())
                            .setAttemptToken(work.token())
                            .setError(JobError.newBuilder().setMessage("no code"))
                            .build())));
  }

  @TestFactory
  Stream<DynamicTest> claiming() {
    return Stream.of(
        refused(
            "worker_id: must be 1 to 128",
            () -> ann.worker().claimJobs(TestClient.claimRequest().setWorkerId("").build())),
        refused(
            "max_jobs: must be 0 to 100",
            () -> ann.worker().claimJobs(TestClient.claimRequest().setMaxJobs(101).build())),
        refused(
            "wait: must be 0 s to 60 s",
            () ->
                ann.worker()
                    .claimJobs(TestClient.claimRequest().setWait(TestClient.seconds(61)).build())),
        refused(
            "max_priority: must not be less",
            () ->
                ann.worker()
                    .claimJobs(
                        TestClient.claimRequest().setMinPriority(5).setMaxPriority(4).build())),
        refused(
            "scopes: must be known scopes",
            () -> ann.worker().claimJobs(TestClient.claimRequest().addScopesValue(9).build())),
        refused(
            "types: must be 1 to 128",
            () -> ann.worker().claimJobs(TestClient.claimRequest().addTypes("").build())));
  }

  @Test
  void allViolationsAreReportedTogether() {
    Failure failure =
        Failure.of(() -> ann.create(JobSpec.newBuilder().setPriority(101).setScopeValue(99)));
    assertThat(failure.violations()).hasSize(3);
    assertThat(failure.message())
        .isEqualTo(
            "spec.type must be 1 to 128 characters from A-Z a-z 0-9 . _ : / -,"
                + " starting with a letter or digit (and 2 more).");
  }
}
