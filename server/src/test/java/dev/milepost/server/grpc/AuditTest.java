package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import dev.milepost.v1.Webhook;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Every change is logged with its caller, and no log line contains a secret. */
class AuditTest {
  @TempDir Path directory;

  private static final Logger AUDIT = (Logger) LoggerFactory.getLogger("milepost.audit");
  private static final Logger MILEPOST = (Logger) LoggerFactory.getLogger("dev.milepost");

  private final List<String> audit = new CopyOnWriteArrayList<>();
  private final List<String> all = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> auditor = keep(audit);
  private final AppenderBase<ILoggingEvent> everything = keep(all);
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client().with("x-request-id", "req-1");

  private static AppenderBase<ILoggingEvent> keep(List<String> lines) {
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(text(event) + " " + event.getThrowableProxy());
          }
        };
    appender.start();
    return appender;
  }

  /** Returns the message and the fields of an event, each followed by a space. */
  private static String text(ILoggingEvent event) {
    StringBuilder text = new StringBuilder(event.getFormattedMessage()).append(' ');
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair field : event.getKeyValuePairs()) {
        String value =
            field.value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(field.value);
        text.append(field.key).append('=').append(value).append(' ');
      }
    }
    return text.toString();
  }

  @BeforeEach
  void listen() {
    AUDIT.setLevel(Level.INFO);
    AUDIT.setAdditive(false);
    AUDIT.addAppender(auditor);
    AUDIT.addAppender(everything);
    MILEPOST.addAppender(everything);
  }

  @AfterEach
  void stop() {
    server.close();
    AUDIT.detachAppender(auditor);
    AUDIT.detachAppender(everything);
    AUDIT.setAdditive(true);
    AUDIT.setLevel(null);
    MILEPOST.detachAppender(everything);
    MILEPOST.setLevel(null);
  }

  private String line(String method) {
    await().until(() -> audit.stream().anyMatch(line -> line.contains("/" + method + " ")));
    return audit.stream().filter(line -> line.contains("/" + method + " ")).findFirst().get();
  }

  @Test
  void aChangeIsLoggedWithCallerAndSubject() {
    HeldJob work = ann.start("a");
    assertThat(line("CreateJob"))
        .matches(
            "call tenant=default user=ann roles=USER,WORKER credential=development"
                + " address=127.0.0.1 agent=grpc-java-netty/[0-9.]+"
                + " method=milepost.v1.JobService/CreateJob jobs="
                + work.jobId()
                + " request=req-1 code=OK ms=[0-9]+  null");
    work.complete();
    assertThat(line("CompleteJob")).contains("jobs=" + work.jobId(), "code=OK");
    ann.create("a");
    HeldJob claimed = ann.claim();
    assertThat(line("ClaimJobs")).contains("jobs=" + claimed.jobId(), " worker=");
    ann.worker()
        .claimJobs(
            ClaimJobsRequest.newBuilder()
                .setWorkerId("w 7")
                .addTypes("b")
                .addTypes("c")
                .addScopes(JobScope.JOB_SCOPE_GLOBAL)
                .build());
    await()
        .until(
            () ->
                audit.stream()
                    .anyMatch(
                        line ->
                            line.contains(
                                "/ClaimJobs worker=w 7 types=b,c scopes=JOB_SCOPE_GLOBAL ")));
    ann.get(claimed.jobId());
    ann.jobs().getJob(GetJobRequest.newBuilder().setJobId(claimed.jobId()).build());
    assertThat(audit).noneMatch(line -> line.contains("GetJob"));
  }

  @Test
  void anExportIsLoggedAlthoughItChangesNothing() {
    String secret = ann.start("a").jobId();
    ExportJobsRequest request = ExportJobsRequest.getDefaultInstance();
    AdminServiceGrpc.newBlockingStub(ann.as("root").in("ADMIN").channel())
        .exportJobs(request)
        .forEachRemaining(part -> assertThat(part.getJob().getId()).isEqualTo(secret));
    assertThat(line("ExportJobs")).contains("user=root", "code=OK");
  }

  @Test
  void tasksAndBatchesAreIdentifiedByTheirJobs() throws Exception {
    Path tasks = directory.resolve("tasks.yaml");
    Files.writeString(tasks, "tasks: [{name: t, scope: GLOBAL, steps: [{name: s, type: s}]}]");
    try (TestServer other = TestServer.start(Map.of("milepost.tasks.file", tasks.toString()))) {
      String task =
          TaskServiceGrpc.newBlockingStub(other.client().channel())
              .startTask(StartTaskRequest.newBuilder().setDefinition("t").build())
              .getTask()
              .getJob()
              .getId();
      assertThat(line("StartTask")).contains("jobs=" + task + " ", "code=OK");
      String batch = BatchSender.make(other.client(), "a", 1).getJob().getId();
      assertThat(line("CreateJobs")).contains("jobs=" + batch + " ", "code=OK");
    }
  }

  @Test
  void anOperationIsIdentifiedByItsJob() {
    String id = ann.create("a").getId();
    Failure refused =
        Failure.of(
            () ->
                ann.operations()
                    .deleteOperation(
                        DeleteOperationRequest.newBuilder().setName("operations/" + id).build()));
    assertThat(refused.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(line("DeleteOperation")).contains("jobs=" + id + " ", "code=FAILED_PRECONDITION");
    var unused =
        ann.operations()
            .cancelOperation(
                CancelOperationRequest.newBuilder().setName("operations/" + id).build());
    assertThat(line("CancelOperation"))
        .contains(
            "user=ann", "method=google.longrunning.Operations/", "jobs=" + id + " ", "code=OK");
  }

  @Test
  void aBulkChangeIsLoggedWithTheFirstJobsAndTheirNumber() {
    HeldJob one = ann.start("a");
    ann.jobs().cancelJobs(CancelJobsRequest.getDefaultInstance());
    assertThat(line("CancelJobs")).contains("jobs=" + one.jobId() + " changed=1 ", "code=OK");
    one.confirmCancel();
    for (int i = 0; i < 30; i++) {
      ann.start("a").complete();
    }
    ann.jobs()
        .cleanupJobs(
            CleanupJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setUserId("ann"))
                .setOlderThan(TestClient.seconds(0))
                .build());
    assertThat(line("CleanupJobs"))
        .containsPattern("jobs=([^, ]+,){19}[^, ]+ more_jobs=true changed=31 ");
  }

  @Test
  void aShareIsLoggedWhenItIsCreatedUsedAndRevokedButNeverItsToken() throws Exception {
    String id = ann.create("a").getId();
    ShareJobResponse shared =
        ann.jobs().shareJob(ShareJobRequest.newBuilder().setJobId(id).setLabel("l").build());
    String share = shared.getShare().getShareId();
    assertThat(line("ShareJob")).contains("user=ann", "jobs=" + id + " share=" + share + " ");
    TestClient bearer = ann.anonymous().with("authorization", "Bearer " + shared.getToken());
    GetProgressRequest progress = GetProgressRequest.newBuilder().setJobId(id).build();
    for (int i = 0; i < 15; i++) {
      var unused = bearer.jobs().getProgress(progress);
    }
    assertThat(line("GetProgress"))
        .contains(
            "tenant=default user=share " + share + " roles= credential=share:" + share + " ",
            "jobs=" + id + " ",
            "code=OK");
    // The others are only counted.
    assertThat(audit).filteredOn(line -> line.contains("/GetProgress ")).hasSize(10);
    ResponseRecorder<WatchProgressResponse> watch = new ResponseRecorder<>();
    bearer
        .as("bob")
        .jobsAsync()
        .watchProgress(WatchProgressRequest.newBuilder().setJobId(id).build(), watch);
    await().until(() -> !watch.responses().isEmpty());
    ann.jobs().unshareJob(UnshareJobRequest.newBuilder().setJobId(id).setShareId(share).build());
    assertThat(line("UnshareJob")).contains("jobs=" + id + " share=" + share + " changed=1 ");
    assertThat(watch.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(line("WatchProgress")).contains("credential=share:" + share, "UNAUTHENTICATED");
    assertThat(Failure.of(() -> bearer.jobs().getProgress(progress)).code())
        .isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Failure.of(() -> bearer.create("a")).code()).isEqualTo(Code.PERMISSION_DENIED);
    server.close();
    assertThat(audit).anyMatch(line -> line.contains("more_calls") && line.contains(share));
    assertThat(all)
        .isNotEmpty()
        .noneMatch(line -> line.contains(shared.getToken().substring("mls_".length())));
  }

  @Test
  void rejectedCallsAreLoggedToo() {
    TestClient worker = ann.as("w").in("WORKER");
    assertThat(Failure.of(() -> worker.create("a")).code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(line("CreateJob"))
        .contains("user=w roles=WORKER", "code=PERMISSION_DENIED reason=PERMISSION_DENIED")
        .doesNotContain("jobs=");
    assertThat(Failure.of(() -> new HeldJob(ann, "no-such-job", "t").complete()).code())
        .isEqualTo(Code.NOT_FOUND);
    assertThat(line("CompleteJob"))
        .contains("jobs=no-such-job", "code=NOT_FOUND reason=JOB_NOT_FOUND");
    assertThat(Failure.of(() -> ann.anonymous().claim()).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(line("ClaimJobs"))
        .startsWith("call credential=none address=127.0.0.1 agent=grpc-java-netty/")
        .contains("code=UNAUTHENTICATED reason=UNAUTHENTICATED");
  }

  @Test
  void deniedReadsAreLoggedAndOthersAreNot() throws Exception {
    HeldJob work = ann.start("a");
    String id = work.jobId();
    assertThat(Failure.of(() -> ann.as("w").in("WORKER").get(id)).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(line("GetJob"))
        .contains("user=w", "agent=grpc-java", "reason=PERMISSION_DENIED")
        // It is refused before its request is read.
        .doesNotContain(id);
    GetProgressRequest progress = GetProgressRequest.newBuilder().setJobId(id).build();
    assertThat(Failure.of(() -> ann.anonymous().jobs().getProgress(progress)).code())
        .isEqualTo(Code.UNAUTHENTICATED);
    assertThat(line("GetProgress")).contains("credential=none", "reason=UNAUTHENTICATED");
    ListJournalRequest foreign = ListJournalRequest.newBuilder().setJobId(id).build();
    assertThat(Failure.of(() -> ann.as("bob").in("USER").jobs().listJournal(foreign)).code())
        .isEqualTo(Code.NOT_FOUND);
    assertThat(line("ListJournal")).contains("user=bob", "jobs=" + id, "reason=JOB_NOT_FOUND");
    ann.as("bob").in("USER").watch(id).awaitFailure();
    assertThat(line("WatchJob")).contains("user=bob", "jobs=" + id, "reason=JOB_NOT_FOUND");
    int before = audit.size();
    ann.get(id);
    ann.jobs().listJournal(foreign);
    work.complete();
    line("CompleteJob");
    assertThat(audit).hasSize(before + 1);
  }

  @Test
  void aCallThatHungUpBeforeItsLateRefusalIsStillARefusal() {
    try (TestServer slow =
        TestServer.start(
            Map.of("milepost.auth.failures-per-minute", 1, "milepost.auth.failure-delay", "10m"))) {
      TestClient nobody = slow.client().anonymous();
      GetJobRequest read = GetJobRequest.newBuilder().setJobId("j").build();
      Failure.of(() -> nobody.jobs().getJob(read));
      assertThat(
              Failure.of(() -> nobody.jobs().withDeadlineAfter(1, TimeUnit.SECONDS).getJob(read))
                  .code())
          .isEqualTo(Code.DEADLINE_EXCEEDED);
      await()
          .until(
              () -> audit.stream().filter(line -> line.contains("code=UNAUTHENTICATED")).count(),
              count -> count == 2);
    }
  }

  @Test
  void callsRejectedByALimitDoNotFloodTheLog() {
    try (TestServer limited = TestServer.start(Map.of("milepost.limits.tenant-jobs", 1))) {
      TestClient bob = limited.client().as("bob");
      HeldJob only = bob.start("a");
      assertThat(Failure.of(() -> bob.create("b")).code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      only.complete();
      assertThat(line("CompleteJob")).contains("code=OK");
      assertThat(audit).noneMatch(line -> line.contains("RESOURCE_EXHAUSTED"));
      AUDIT.setLevel(Level.DEBUG);
      assertThat(Failure.of(() -> bob.create("b")).code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      await().until(() -> audit.stream().anyMatch(line -> line.contains("RESOURCE_EXHAUSTED")));
    }
  }

  @Test
  void routineCallsAreLoggedOnlyIfEnabled() {
    HeldJob work = ann.start("a");
    work.progress(1, 2);
    work.heartbeat();
    assertThat(Failure.of(() -> work.withToken("other").heartbeat()).code())
        .isEqualTo(Code.ABORTED);
    assertThat(line("Heartbeat")).contains("code=ABORTED");
    assertThat(audit).noneMatch(line -> line.contains("/Report "));
    AUDIT.setLevel(Level.DEBUG);
    work.progress(2, 2);
    assertThat(line("Report")).contains("jobs=" + work.jobId(), "code=OK");
  }

  @Test
  void aStreamIsLoggedOnceWithItsJobs() throws Exception {
    AUDIT.setLevel(Level.DEBUG);
    HeldJob one = ann.start("a");
    HeldJob two = ann.start("a");
    ResponseRecorder<ReportStreamResponse> answers = new ResponseRecorder<>();
    StreamObserver<ReportStreamRequest> stream = ann.workerAsync().reportStream(answers);
    for (HeldJob work : List.of(one, two, one)) {
      stream.onNext(
          ReportStreamRequest.newBuilder()
              .setJobId(work.jobId())
              .setAttemptToken(work.token())
              .build());
    }
    stream.onCompleted();
    answers.awaitEnd();
    assertThat(line("ReportStream"))
        .contains("jobs=" + one.jobId() + "," + two.jobId() + " ", "code=OK");
    assertThat(audit.stream().filter(line -> line.contains("ReportStream"))).hasSize(1);
  }

  @Test
  void noSecretIsLogged() {
    AUDIT.setLevel(Level.TRACE);
    MILEPOST.setLevel(Level.TRACE);
    TestClient caller = ann.with("authorization", "Bearer planted-bearer");
    Struct params =
        Struct.newBuilder()
            .putFields("password", Value.newBuilder().setStringValue("planted-param").build())
            .build();
    JobSpec spec =
        JobSpec.newBuilder()
            .setType("a")
            .setParams(params)
            .setWebhook(Webhook.newBuilder().setUrl("https://h.example").setSecret("planted-hook"))
            .build();
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setSpec(spec)
            .setStart(StartJob.newBuilder().setWorkerId("w"))
            .build();
    var created = caller.jobs().createJob(request);
    String token = created.getGrant().getAttemptToken();
    HeldJob work = new HeldJob(caller, created.getJob().getId(), token);
    work.progress(1, 2);
    Failure.of(() -> new HeldJob(caller, work.jobId(), "planted-token").complete());
    work.fail("X", true);
    Failure.of(() -> caller.as("bob").in("USER").get(work.jobId()));
    Failure.of(
        () ->
            caller
                .jobs()
                .createJob(
                    request.toBuilder()
                        .setSpec(spec.toBuilder().setType("not a type, planted-type?"))
                        .build()));
    line("FailJob");
    assertThat(token).isNotEmpty();
    assertThat(all).hasSizeGreaterThan(3);
    assertThat(all).noneMatch(line -> line.contains("planted") || line.contains(token));
  }
}
