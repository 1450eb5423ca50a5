package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.v1.BackupStoreRequest;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelTaskRequest;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.GetCallerRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetServerInfoRequest;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListSharesRequest;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchStatsRequest;
import dev.milepost.v1.WatchTaskRequest;
import io.grpc.Status.Code;
import io.grpc.reflection.v1.ServerReflectionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests every RPC that the server registers, for every role, on every kind of job: what the
 * response is, and that a job which the caller may not see and a missing one get identical
 * responses.
 */
class PermissionMatrixTest {
  private static final String JOBS = "milepost.v1.JobService/";
  private static final String WORK = "milepost.v1.WorkerService/";
  private static final String TASKS = "milepost.v1.TaskService/";
  private static final String OPERATIONS = "google.longrunning.Operations/";
  private static final AtomicInteger CELLS = new AtomicInteger();
  @TempDir private static Path directory;
  private static TestServer server;
  private static TestClient connection;

  @BeforeAll
  static void start() throws IOException {
    Path tasks = directory.resolve("tasks.yaml");
    Files.writeString(
        tasks, "tasks: [{name: any, scope: ITEM_SET, steps: [{name: one, type: one}]}]");
    server =
        TestServer.start(
            Map.of(
                "milepost.tasks.file",
                tasks.toString(),
                // Beyond this many, refusals are delayed.
                "milepost.auth.failures-per-minute",
                1_000_000));
    connection = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** The caller: user "me" of tenant "here", in one role or in none. */
  private enum Who {
    NOBODY,
    USER,
    WORKER,
    OPERATOR,
    ADMIN;

    TestClient client() {
      return this == NOBODY ? connection.anonymous() : connection.as("me").of("here").in(name());
    }
  }

  /** The owner of the job. */
  private enum Whose {
    OWN("here", "me"),
    SAME_TENANT("here", "other"),
    OTHER_TENANT("there", "other"),
    /** Differs in the tenant only. */
    NAMESAKE("there", "me"),
    ABSENT("here", "me");

    private final String tenant;
    private final String user;

    Whose(String tenant, String user) {
      this.tenant = tenant;
      this.user = user;
    }

    TestClient owner() {
      return connection.as(user).of(tenant).in("USER,WORKER");
    }
  }

  /** The reach of each role, deliberately repeated here instead of taken from the code. */
  private enum Kind {
    /** Names a job. */
    JOB("OWN", "", "OWN SAME_TENANT", "OWN SAME_TENANT"),
    /** Names jobs, and reports missing ones; or lists those that can be named. */
    NAMES("OWN", "", "OWN SAME_TENANT", "OWN SAME_TENANT"),
    /** Lists jobs: without a tenant, an ADMIN gets those of all tenants. */
    LIST("OWN", "", "OWN SAME_TENANT", "OWN SAME_TENANT OTHER_TENANT NAMESAKE"),
    /** Names a job and shows its items: to workers only with the token of their attempt. */
    ITEMS("OWN", "NONE", "OWN SAME_TENANT", "OWN SAME_TENANT"),
    /** Claims queued jobs. */
    QUEUE("", "OWN SAME_TENANT", "", "OWN SAME_TENANT"),
    /** Names a job and an attempt. */
    ATTEMPT("OWN", "OWN SAME_TENANT", "OWN SAME_TENANT", "OWN SAME_TENANT"),
    /** Creates a job with an id of the caller's choice: reaches unused ids. */
    CREATE(
        "OTHER_TENANT NAMESAKE ABSENT",
        "",
        "OTHER_TENANT NAMESAKE ABSENT",
        "OTHER_TENANT NAMESAKE ABSENT"),
    /** The same for all authorized callers. */
    DEFINITIONS("ANYBODY", "", "ANYBODY", "ANYBODY"),
    /** About the caller itself; the same for every job. */
    CALLER("ANYBODY", "ANYBODY", "ANYBODY", "ANYBODY"),
    /** About the server's connections; the same for every job. */
    CONNECTIONS("", "", "", "ANYBODY"),
    /** About the server itself. */
    SERVER("", "", "", "");

    private final String user;
    private final String worker;
    private final String operator;
    private final String admin;

    Kind(String user, String worker, String operator, String admin) {
      this.user = user;
      this.worker = worker;
      this.operator = operator;
      this.admin = admin;
    }

    private String reach(Who who) {
      return switch (who) {
        case NOBODY -> "";
        case USER -> user;
        case WORKER -> worker;
        case OPERATOR -> operator;
        case ADMIN -> admin;
      };
    }

    boolean mayCall(Who who) {
      return this == SERVER || !reach(who).isEmpty();
    }

    boolean reaches(Who who, Whose whose) {
      return List.of(reach(who).split(" ")).contains(whose.name());
    }
  }

  /** Identifies a job: its id and its attempt's token. */
  private record Target(String id, String token) {}

  @FunctionalInterface
  private interface Asking {
    Message about(Target target);
  }

  /**
   * One way to call an RPC.
   *
   * @param made state of the job before the call
   * @param seen response if the caller reaches the job
   * @param unseen response if it does not, or if there is no job
   */
  private record Case(String name, Kind kind, Made made, Code seen, Code unseen, Asking request) {}

  /** How far a job has progressed before the call. */
  private enum Made {
    WAITING,
    STARTED,
    /** Finished, with a failed item. */
    FINISHED,
    /** Failed, and not to be retried automatically. */
    FAILED,
    /** A task. */
    TASK
  }

  private static Case job(String method, Code seen, Asking request) {
    return new Case(JOBS + method, Kind.JOB, Made.WAITING, seen, Code.NOT_FOUND, request);
  }

  private static Case list(String method, Asking request) {
    return new Case(JOBS + method, Kind.LIST, Made.WAITING, Code.OK, Code.OK, request);
  }

  private static Case task(String method, Kind kind, Code unseen, Asking request) {
    return new Case(TASKS + method, kind, Made.TASK, Code.OK, unseen, request);
  }

  private static Case items(Kind kind, Asking request) {
    return new Case(JOBS + "ListItems", kind, Made.STARTED, Code.OK, Code.NOT_FOUND, request);
  }

  private static Case names(String method, Asking request) {
    return new Case(JOBS + method, Kind.NAMES, Made.WAITING, Code.OK, Code.OK, request);
  }

  private static Case operation(String method, Code seen, Function<String, Message> request) {
    return new Case(
        OPERATIONS + method,
        Kind.JOB,
        Made.WAITING,
        seen,
        Code.NOT_FOUND,
        target -> request.apply("operations/" + target.id));
  }

  private static Stream<Case> attempt(String method, Code seen, Asking request) {
    String name = WORK + method;
    Asking stale = target -> request.about(new Target(target.id, "x".repeat(24)));
    return Stream.of(
        new Case(name, Kind.ATTEMPT, Made.STARTED, seen, Code.NOT_FOUND, request),
        new Case(name, Kind.ATTEMPT, Made.STARTED, Code.ABORTED, Code.NOT_FOUND, stale));
  }

  private static Case open(String name, Message request) {
    return new Case(name, Kind.SERVER, Made.WAITING, Code.OK, Code.OK, any -> request);
  }

  private static Case connections(String method, Code code) {
    return new Case(
        "grpc.channelz.v1.Channelz/" + method,
        Kind.CONNECTIONS,
        Made.WAITING,
        code,
        code,
        any -> Empty.getDefaultInstance());
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    cases.add(job("GetJob", Code.OK, t -> GetJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "UpdateJob",
            Code.OK,
            t ->
                UpdateJobRequest.newBuilder()
                    .setJobId(t.id)
                    .setSpec(JobSpec.newBuilder().setPriority(7))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("priority"))
                    .build()));
    cases.add(
        job(
            "UpdateJob",
            Code.ABORTED,
            t ->
                UpdateJobRequest.newBuilder()
                    .setJobId(t.id)
                    .setEtag("s99")
                    .setUpdateMask(FieldMask.newBuilder().addPaths("priority"))
                    .build()));
    cases.add(job("CancelJob", Code.OK, t -> CancelJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "RetryJob",
            Code.FAILED_PRECONDITION,
            t -> RetryJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(job("DeleteJob", Code.OK, t -> DeleteJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "WaitJob",
            Code.OK,
            t ->
                WaitJobRequest.newBuilder()
                    .setJobId(t.id)
                    .setWait(com.google.protobuf.Duration.getDefaultInstance())
                    .build()));
    cases.add(job("WatchJob", Code.OK, t -> WatchJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "WatchJob",
            Code.OUT_OF_RANGE,
            t -> WatchJobRequest.newBuilder().setJobId(t.id).setAfterSequence(99).build()));
    cases.add(
        job("ListJournal", Code.OK, t -> ListJournalRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "ListJournal",
            Code.INVALID_ARGUMENT,
            t -> ListJournalRequest.newBuilder().setJobId(t.id).setPageSize(-1).build()));
    cases.add(
        job("ExplainJob", Code.OK, t -> ExplainJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job("GetProgress", Code.OK, t -> GetProgressRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "WatchProgress",
            Code.OK,
            t -> WatchProgressRequest.newBuilder().setJobId(t.id).build()));
    cases.add(job("ShareJob", Code.OK, t -> ShareJobRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job("ListShares", Code.OK, t -> ListSharesRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        job(
            "UnshareJob",
            Code.OK,
            t -> UnshareJobRequest.newBuilder().setJobId(t.id).setAll(true).build()));
    cases.add(
        job("GetOutcome", Code.OK, t -> GetOutcomeRequest.newBuilder().setJobId(t.id).build()));
    cases.add(items(Kind.ITEMS, t -> ListItemsRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        items(
            Kind.ATTEMPT,
            t -> ListItemsRequest.newBuilder().setJobId(t.id).setAttemptToken(t.token).build()));
    cases.add(
        job(
            "RetryFailedItems",
            Code.FAILED_PRECONDITION,
            t -> RetryFailedItemsRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        new Case(
            JOBS + "RetryFailedItems",
            Kind.JOB,
            Made.FINISHED,
            Code.OK,
            Code.NOT_FOUND,
            t -> RetryFailedItemsRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        list(
            "CancelJobs",
            t ->
                CancelJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(
        list(
            "DeleteJobs",
            t ->
                DeleteJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(
        new Case(
            JOBS + "RetryJobs",
            Kind.LIST,
            Made.FAILED,
            Code.OK,
            Code.OK,
            t ->
                RetryJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(names("BatchGetJobs", t -> BatchGetJobsRequest.newBuilder().addJobIds(t.id).build()));
    cases.add(
        list(
            "ListJobs",
            t ->
                ListJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(
        list(
            "WatchJobs",
            t ->
                WatchJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(
        list(
            "CountJobs",
            t ->
                CountJobsRequest.newBuilder()
                    .setFilter(JobFilter.newBuilder().addTypes(t.id))
                    .build()));
    cases.add(
        new Case(
            JOBS + "CreateJob",
            Kind.CREATE,
            Made.WAITING,
            Code.OK,
            Code.ALREADY_EXISTS,
            t ->
                CreateJobRequest.newBuilder()
                    .setJobId(t.id)
                    .setSpec(JobSpec.newBuilder().setType("mine"))
                    .build()));
    cases.add(
        new Case(
            JOBS + "CreateJobs",
            Kind.CREATE,
            Made.WAITING,
            Code.OK,
            Code.ALREADY_EXISTS,
            t ->
                CreateJobsRequest.newBuilder()
                    .setBatch(
                        CreateJobRequest.newBuilder()
                            .setJobId(t.id)
                            .setSpec(JobSpec.newBuilder().setType("mine"))
                            .addItems(Item.newBuilder().setId("item-1")))
                    .build()));
    cases.add(
        new Case(
            WORK + "ClaimJobs",
            Kind.QUEUE,
            Made.WAITING,
            Code.OK,
            Code.OK,
            t -> ClaimJobsRequest.newBuilder().setWorkerId("w").addTypes(t.id).build()));
    Stream.of(
            attempt(
                "Report",
                Code.OK,
                t -> ReportRequest.newBuilder().setJobId(t.id).setAttemptToken(t.token).build()),
            attempt(
                "ReportStream",
                Code.OK,
                t ->
                    ReportStreamRequest.newBuilder()
                        .setJobId(t.id)
                        .setAttemptToken(t.token)
                        .build()),
            attempt(
                "Heartbeat",
                Code.OK,
                t -> HeartbeatRequest.newBuilder().setJobId(t.id).setAttemptToken(t.token).build()),
            attempt(
                "CompleteJob",
                Code.OK,
                t ->
                    CompleteJobRequest.newBuilder()
                        .setJobId(t.id)
                        .setAttemptToken(t.token)
                        .build()),
            attempt(
                "FailJob",
                Code.OK,
                t ->
                    FailJobRequest.newBuilder()
                        .setJobId(t.id)
                        .setAttemptToken(t.token)
                        .setError(JobError.newBuilder().setCode("X").setMessage("It broke."))
                        .build()),
            attempt(
                "ConfirmCancel",
                Code.FAILED_PRECONDITION,
                t ->
                    ConfirmCancelRequest.newBuilder()
                        .setJobId(t.id)
                        .setAttemptToken(t.token)
                        .build()),
            attempt(
                "ReleaseJob",
                Code.OK,
                t ->
                    ReleaseJobRequest.newBuilder().setJobId(t.id).setAttemptToken(t.token).build()))
        .flatMap(both -> both)
        .forEach(cases::add);
    cases.add(
        operation(
            "GetOperation",
            Code.OK,
            name -> GetOperationRequest.newBuilder().setName(name).build()));
    cases.add(
        operation(
            "WaitOperation",
            Code.OK,
            name ->
                WaitOperationRequest.newBuilder()
                    .setName(name)
                    .setTimeout(com.google.protobuf.Duration.getDefaultInstance())
                    .build()));
    cases.add(
        operation(
            "CancelOperation",
            Code.OK,
            name -> CancelOperationRequest.newBuilder().setName(name).build()));
    cases.add(
        operation(
            "DeleteOperation",
            Code.FAILED_PRECONDITION,
            name -> DeleteOperationRequest.newBuilder().setName(name).build()));
    cases.add(
        new Case(
            OPERATIONS + "ListOperations",
            Kind.NAMES,
            Made.STARTED,
            Code.OK,
            Code.OK,
            t ->
                ListOperationsRequest.newBuilder()
                    .setFilter("metadata.state = JOB_STATE_RUNNING")
                    .setPageSize(1000)
                    .build()));
    cases.add(
        task(
            "GetTask",
            Kind.JOB,
            Code.NOT_FOUND,
            t -> GetTaskRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        task(
            "CancelTask",
            Kind.JOB,
            Code.NOT_FOUND,
            t -> CancelTaskRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        task(
            "WatchTask",
            Kind.JOB,
            Code.NOT_FOUND,
            t -> WatchTaskRequest.newBuilder().setJobId(t.id).build()));
    cases.add(
        task(
            "ListTasks",
            Kind.LIST,
            Code.OK,
            t -> ListTasksRequest.newBuilder().setPageSize(1000).build()));
    cases.add(
        new Case(
            TASKS + "StartTask",
            Kind.CREATE,
            Made.WAITING,
            Code.OK,
            Code.ALREADY_EXISTS,
            t -> StartTaskRequest.newBuilder().setDefinition("any").setJobId(t.id).build()));
    cases.add(
        new Case(
            TASKS + "ListTaskDefinitions",
            Kind.DEFINITIONS,
            Made.WAITING,
            Code.OK,
            Code.OK,
            t -> ListTaskDefinitionsRequest.getDefaultInstance()));
    cases.add(
        new Case(
            JOBS + "GetCaller",
            Kind.CALLER,
            Made.WAITING,
            Code.OK,
            Code.OK,
            t -> GetCallerRequest.getDefaultInstance()));
    cases.add(open("grpc.health.v1.Health/Check", Empty.getDefaultInstance()));
    cases.add(open("grpc.health.v1.Health/Watch", Empty.getDefaultInstance()));
    cases.add(
        open(
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            ServerReflectionRequest.newBuilder().setListServices("*").build()));
    cases.add(
        open(
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                .setListServices("*")
                .build()));
    cases.add(connections("GetTopChannels", Code.OK));
    cases.add(connections("GetServers", Code.OK));
    for (String one :
        List.of("GetServer", "GetServerSockets", "GetChannel", "GetSubchannel", "GetSocket")) {
      cases.add(connections(one, Code.NOT_FOUND));
    }
    return cases;
  }

  /** Names a user instead of a job; tested separately below. */
  private static final String CLEANUP = JOBS + "CleanupJobs";

  /** Names no job either. */
  private static final String EXPORT = "milepost.v1.AdminService/ExportJobs";

  /** Names no job; the memory store of these tests has no backup. */
  private static final String BACKUP = "milepost.v1.AdminService/BackupStore";

  /** Names a user that nobody is. */
  private static final String ERASE = "milepost.v1.AdminService/EraseUser";

  /** Names no job. */
  private static final String WORKERS = "milepost.v1.AdminService/ListWorkers";

  private static final String STATS = "milepost.v1.AdminService/GetStats";
  private static final String LIVE = "milepost.v1.AdminService/WatchStats";
  private static final String INFO = "milepost.v1.AdminService/GetServerInfo";

  @Test
  void everyRpcHasARowInTheTableAndACaseHere() throws Exception {
    List<String> registered =
        RawCall.all(connection.channel()).stream().map(RawCall::method).toList();
    assertThat(registered).hasSizeGreaterThan(30);
    AccessPolicy policy = new AccessPolicy();
    assertThat(registered)
        .as("RPCs that are not in dev.milepost.server.access.Permission")
        .allMatch(policy::isKnown);
    List<String> tried =
        Stream.concat(
                cases().stream().map(Case::name),
                Stream.of(CLEANUP, EXPORT, BACKUP, ERASE, WORKERS, STATS, LIVE, INFO))
            .distinct()
            .toList();
    assertThat(tried)
        .as("RPCs that this matrix does not test")
        .containsExactlyInAnyOrderElementsOf(registered);
  }

  @TestFactory
  Stream<DynamicTest> everyRpcForEveryRoleOnEveryKindOfJob() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    List<Case> cases = cases();
    for (RawCall call : RawCall.all(connection.channel())) {
      for (Who who : Who.values()) {
        for (Case one : cases) {
          if (one.name.equals(call.method())) {
            for (Whose whose : Whose.values()) {
              tests.add(
                  DynamicTest.dynamicTest(
                      call.method() + " " + who + " " + whose,
                      () -> tryCell(call, one, who, whose)));
            }
          }
        }
      }
    }
    return tests.stream();
  }

  /** Returns the code of the access check, or that of the call if it passes. */
  private static Code door(Kind kind, Who who, Code behind) {
    if (kind.mayCall(who)) {
      return behind;
    }
    return who == Who.NOBODY ? Code.UNAUTHENTICATED : Code.PERMISSION_DENIED;
  }

  private static void tryCell(RawCall call, Case one, Who who, Whose whose) throws Exception {
    String id = "job-" + CELLS.incrementAndGet();
    TestClient caller = who.client();
    boolean creates = one.kind == Kind.CREATE;
    RawCall.Answer absent =
        creates ? null : send(call, caller, one.request.about(new Target(id, "y".repeat(24))));
    Target target = new Target(id, whose == Whose.ABSENT ? "y".repeat(24) : make(one, whose, id));
    RawCall.Answer answer = send(call, caller, one.request.about(target));

    boolean invalid = one.seen == Code.INVALID_ARGUMENT;
    boolean reached = one.kind.reaches(who, whose);
    Code behind = reached || invalid ? one.seen : one.unseen;
    assertThat(answer.code()).as("%s", answer).isEqualTo(door(one.kind, who, behind));
    if (creates || one.kind == Kind.CONNECTIONS) {
      return;
    }
    if (!reached && one.kind != Kind.SERVER) {
      assertThat(answer).as("identical to the response for a missing job").isEqualTo(absent);
    } else if (one.seen != Code.INVALID_ARGUMENT && one.kind != Kind.SERVER) {
      assertThat(answer).as("seen").isNotEqualTo(absent);
    }
  }

  /** Creates the job as its owner; returns the token of its attempt. */
  private static String make(Case one, Whose whose, String id) {
    if (one.made == Made.TASK) {
      var unused =
          TaskServiceGrpc.newBlockingStub(whose.owner().channel())
              .startTask(StartTaskRequest.newBuilder().setDefinition("any").setJobId(id).build());
      return "";
    }
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setJobId(id)
            .setSpec(JobSpec.newBuilder().setType(id))
            .addItems(Item.newBuilder().setId("item-1"));
    if (one.made != Made.WAITING) {
      request.setStart(StartJob.newBuilder().setWorkerId("w"));
    }
    TestClient owner = whose.owner();
    String token = owner.jobs().createJob(request.build()).getGrant().getAttemptToken();
    if (one.made == Made.FINISHED) {
      HeldJob work = new HeldJob(owner, id, token);
      work.report(
          Report.newBuilder()
              .addItems(Item.newBuilder().setId("item-1").setState(ItemState.ITEM_STATE_FAILED)));
      work.complete();
    }
    if (one.made == Made.FAILED) {
      new HeldJob(owner, id, token).fail("BROKEN", false);
    }
    return token;
  }

  @TestFactory
  Stream<DynamicTest> exportForEveryRole() throws Exception {
    RawCall call = rpc(EXPORT);
    return Stream.of(Who.values())
        .map(
            who ->
                DynamicTest.dynamicTest(
                    who.name(),
                    () -> {
                      for (String tenant : List.of("", "here", "there")) {
                        ExportJobsRequest request =
                            ExportJobsRequest.newBuilder().setTenantId(tenant).build();
                        assertThat(call.send(who.client().channel(), request).code())
                            .isEqualTo(
                                switch (who) {
                                  case NOBODY -> Code.UNAUTHENTICATED;
                                  case USER, WORKER, OPERATOR -> Code.PERMISSION_DENIED;
                                  case ADMIN -> Code.OK;
                                });
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> anOperatorAsksAboutTheServer() throws Exception {
    RawCall call = rpc(INFO);
    return Stream.of(Who.values())
        .map(
            who ->
                DynamicTest.dynamicTest(
                    who.name(),
                    () ->
                        assertThat(
                                call.send(
                                        who.client().channel(),
                                        GetServerInfoRequest.getDefaultInstance())
                                    .code())
                            .isEqualTo(
                                switch (who) {
                                  case NOBODY -> Code.UNAUTHENTICATED;
                                  case USER, WORKER -> Code.PERMISSION_DENIED;
                                  case OPERATOR, ADMIN -> Code.OK;
                                })));
  }

  @TestFactory
  Stream<DynamicTest> anOperatorListsTheWorkersOfItsTenant() throws Exception {
    return anOperatorSeesItsTenant(
        WORKERS, tenant -> ListWorkersRequest.newBuilder().setTenantId(tenant).build());
  }

  @TestFactory
  Stream<DynamicTest> anOperatorSeesTheStatisticsOfItsTenant() throws Exception {
    return anOperatorSeesItsTenant(
        STATS, tenant -> GetStatsRequest.newBuilder().setTenantId(tenant).build());
  }

  @TestFactory
  Stream<DynamicTest> aUserWatchesTheStatisticsOfItsOwnJobs() throws Exception {
    return sees(
        LIVE,
        tenant -> WatchStatsRequest.newBuilder().setTenantId(tenant).build(),
        tenant -> tenant.equals("there") ? Code.PERMISSION_DENIED : Code.OK);
  }

  private static Stream<DynamicTest> anOperatorSeesItsTenant(
      String rpc, Function<String, Message> about) throws Exception {
    return sees(rpc, about, tenant -> Code.PERMISSION_DENIED);
  }

  private static Stream<DynamicTest> sees(
      String rpc, Function<String, Message> about, Function<String, Code> asUser) throws Exception {
    RawCall call = rpc(rpc);
    return Stream.of(Who.values())
        .map(
            who ->
                DynamicTest.dynamicTest(
                    who.name(),
                    () -> {
                      for (String tenant : List.of("", "here", "there")) {
                        assertThat(call.send(who.client().channel(), about.apply(tenant)).code())
                            .isEqualTo(
                                switch (who) {
                                  case NOBODY -> Code.UNAUTHENTICATED;
                                  case USER -> asUser.apply(tenant);
                                  case WORKER -> Code.PERMISSION_DENIED;
                                  case OPERATOR ->
                                      tenant.equals("there") ? Code.PERMISSION_DENIED : Code.OK;
                                  case ADMIN -> Code.OK;
                                });
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> onlyAnAdminMakesBackups() throws Exception {
    RawCall call = rpc(BACKUP);
    return Stream.of(Who.values())
        .map(
            who ->
                DynamicTest.dynamicTest(
                    who.name(),
                    () ->
                        assertThat(
                                call.send(
                                        who.client().channel(),
                                        BackupStoreRequest.getDefaultInstance())
                                    .code())
                            .isEqualTo(
                                switch (who) {
                                  case NOBODY -> Code.UNAUTHENTICATED;
                                  case USER, WORKER, OPERATOR -> Code.PERMISSION_DENIED;
                                  case ADMIN -> Code.FAILED_PRECONDITION;
                                })));
  }

  @TestFactory
  Stream<DynamicTest> eraseForEveryRole() throws Exception {
    RawCall call = rpc(ERASE);
    EraseUserRequest request =
        EraseUserRequest.newBuilder().setTenantId("here").setUserId("nobody").build();
    return Stream.of(Who.values())
        .map(
            who ->
                DynamicTest.dynamicTest(
                    who.name(),
                    () ->
                        assertThat(call.send(who.client().channel(), request).code())
                            .isEqualTo(
                                switch (who) {
                                  case NOBODY -> Code.UNAUTHENTICATED;
                                  case USER, WORKER, OPERATOR -> Code.PERMISSION_DENIED;
                                  case ADMIN -> Code.OK;
                                })));
  }

  private static RawCall rpc(String method) throws Exception {
    return RawCall.all(connection.channel()).stream()
        .filter(any -> any.method().equals(method))
        .findFirst()
        .orElseThrow();
  }

  @TestFactory
  Stream<DynamicTest> cleanupForEveryRoleOnEveryKindOfJobByEveryName() throws Exception {
    RawCall call = rpc(CLEANUP);
    List<DynamicTest> tests = new ArrayList<>();
    for (Who who : Who.values()) {
      for (String named : List.of("", "me", "other")) {
        for (Whose whose : Whose.values()) {
          tests.add(
              DynamicTest.dynamicTest(
                  who + " naming \"" + named + "\" " + whose,
                  () -> tryCleanup(call, who, named, whose)));
        }
      }
    }
    return tests.stream();
  }

  /** The response is a number: one finished job if the caller reaches it, otherwise none. */
  private static void tryCleanup(RawCall call, Who who, String named, Whose whose)
      throws Exception {
    CleanupJobsRequest everything =
        CleanupJobsRequest.newBuilder()
            .setOlderThan(com.google.protobuf.Duration.getDefaultInstance())
            .build();
    connection.as("root").in("ADMIN").jobs().cleanupJobs(everything);
    CleanupJobsRequest request =
        everything.toBuilder().setFilter(JobFilter.newBuilder().setUserId(named)).build();
    RawCall.Answer absent = call.send(who.client().channel(), request);
    if (whose != Whose.ABSENT) {
      whose.owner().start("a").complete();
    }
    RawCall.Answer answer = call.send(who.client().channel(), request);

    Code behind = mayClean(who, named) ? Code.OK : Code.PERMISSION_DENIED;
    assertThat(answer.code()).as("%s", answer).isEqualTo(door(Kind.LIST, who, behind));
    boolean reached =
        answer.code() == Code.OK
            && switch (named) {
              case "me" -> whose == Whose.OWN;
              case "other" -> whose == Whose.SAME_TENANT;
              default -> whose != Whose.ABSENT;
            };
    if (reached) {
      assertThat(CleanupJobsResponse.parseFrom(answer.response()).getCount()).isEqualTo(1);
    } else {
      assertThat(answer).as("identical to the response for a missing job").isEqualTo(absent);
    }
  }

  private static boolean mayClean(Who who, String named) {
    return switch (who) {
      case NOBODY, WORKER -> false;
      case USER -> named.equals("me");
      case OPERATOR -> !named.isEmpty();
      case ADMIN -> true;
    };
  }

  /** A response on a report stream carries its error within the message. */
  private static RawCall.Answer send(RawCall call, TestClient caller, Message request)
      throws Exception {
    RawCall.Answer answer = call.send(caller.channel(), request);
    if (!call.method().endsWith("/ReportStream") || answer.code() != Code.OK) {
      return answer;
    }
    return new RawCall.Answer(
        codeOf(answer), answer.message(), answer.trailers(), answer.response());
  }

  private static Code codeOf(RawCall.Answer answer) throws InvalidProtocolBufferException {
    ReportStreamResponse response = ReportStreamResponse.parseFrom(answer.response());
    return io.grpc.Status.fromCodeValue(response.getError().getCode()).getCode();
  }
}
