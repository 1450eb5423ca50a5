package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.protobuf.FieldMask;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A job of another user and one that does not exist are the same: in the answer, and in what the
 * store does for it, so that the time does not tell them apart.
 */
class ForeignJobsTest {
  private static final String FOREIGN = "job-of-bob";
  private static final String ABSENT = "job-of-nob";

  private final SettableClock clock = new SettableClock();
  private final JobStore store = new MemoryJobStore(clock, 1_000);

  /** The calls of the store, and what its reads by key have found. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final TestServer server =
      TestServer.start(
          Map.of(), clock, binder -> binder.bind(JobStore.class).toInstance(recorded()));

  @AfterEach
  void stop() {
    server.close();
  }

  private JobStore recorded() {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(store, arguments);
                if (List.of("get", "journal", "items").contains(method.getName())) {
                  String shown = method.getName() + Arrays.toString(Arrays.copyOf(arguments, 2));
                  return ((CompletionStage<?>) result)
                      .thenApply(
                          found -> {
                            calls.add(shown + " -> " + found);
                            return found;
                          });
                }
                if (method.getName().equals("update")) {
                  calls.add("update" + arguments[0]);
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @TestFactory
  Stream<DynamicTest> callsAboutThemAreTheSame() {
    create(FOREIGN);
    return Stream.of(
        test("GetJob", (ann, id) -> ann.jobs().getJob(get(id))),
        test("GetProgress", (ann, id) -> ann.jobs().getProgress(progress(id))),
        test("GetOutcome", (ann, id) -> ann.jobs().getOutcome(outcome(id))),
        test("ListJournal", (ann, id) -> ann.jobs().listJournal(journal(id))),
        test("ListItems", (ann, id) -> ann.jobs().listItems(items(id))),
        test("WatchJob", (ann, id) -> ann.jobs().watchJob(watch(id)).next()),
        test("WaitJob", (ann, id) -> ann.jobs().waitJob(waiting(id))),
        test("CancelJob", (ann, id) -> ann.jobs().cancelJob(cancel(id))),
        test("RetryJob", (ann, id) -> ann.jobs().retryJob(retry(id))),
        test("DeleteJob", (ann, id) -> ann.jobs().deleteJob(delete(id))),
        test("UpdateJob", (ann, id) -> ann.jobs().updateJob(update(id))),
        test("GetOperation", (ann, id) -> ann.operations().getOperation(operation(id))),
        test("CancelOperation", (ann, id) -> ann.operations().cancelOperation(cancelled(id))),
        test("DeleteOperation", (ann, id) -> ann.operations().deleteOperation(deleted(id))),
        test("RetryFailedItems", (ann, id) -> ann.jobs().retryFailedItems(items(id, ""))),
        test("RetryFailedItems once", (ann, id) -> ann.jobs().retryFailedItems(items(id, "r"))));
  }

  private DynamicTest test(String name, BiFunction<TestClient, String, Object> call) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          List<String> absent = callsOf(call, ABSENT);
          List<String> foreign = callsOf(call, FOREIGN);
          assertThat(absent).isNotEmpty();
          assertThat(foreign).isEqualTo(absent);
        });
  }

  /** Returns what a call makes the store do, with the same id. */
  private List<String> callsOf(BiFunction<TestClient, String, Object> call, String id) {
    calls.clear();
    Failure failure = Failure.of(() -> call.apply(server.client(), id));
    assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(failure.message()).contains(id);
    assertThat(failure.reason()).isEqualTo("JOB_NOT_FOUND");
    // Ids of jobs that would be created are random.
    return calls.stream()
        .map(shown -> shown.replace(id, "ID").replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "NEW"))
        .toList();
  }

  @Test
  void aBatchOfThemReadsTheSame() {
    create(FOREIGN);
    List<String> missing =
        server
            .client()
            .jobs()
            .batchGetJobs(
                BatchGetJobsRequest.newBuilder().addJobIds(FOREIGN).addJobIds(ABSENT).build())
            .getMissingJobIdsList();
    assertThat(missing).containsExactly(FOREIGN, ABSENT);
    assertThat(calls).last().asString().contains("jobs=[], unreadable=[], read=2");
  }

  @Test
  void theOwnerAndAnOperatorStillReachTheJob() {
    create(FOREIGN);
    for (TestClient who :
        List.of(server.client().as("bob"), server.client().as("olga").in("OPERATOR"))) {
      assertThat(who.get(FOREIGN).getUserId()).isEqualTo("bob");
      Job cancelled = who.jobs().cancelJob(cancel(FOREIGN)).getJob();
      assertThat(cancelled.getId()).isEqualTo(FOREIGN);
    }
  }

  private void create(String id) {
    var unused =
        server
            .client()
            .as("bob")
            .jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setJobId(id)
                    .setSpec(JobSpec.newBuilder().setType("a"))
                    .build());
  }

  private static GetJobRequest get(String id) {
    return GetJobRequest.newBuilder().setJobId(id).build();
  }

  private static GetProgressRequest progress(String id) {
    return GetProgressRequest.newBuilder().setJobId(id).build();
  }

  private static GetOutcomeRequest outcome(String id) {
    return GetOutcomeRequest.newBuilder().setJobId(id).build();
  }

  private static ListJournalRequest journal(String id) {
    return ListJournalRequest.newBuilder().setJobId(id).build();
  }

  private static ListItemsRequest items(String id) {
    return ListItemsRequest.newBuilder().setJobId(id).build();
  }

  private static WatchJobRequest watch(String id) {
    return WatchJobRequest.newBuilder().setJobId(id).build();
  }

  private static WaitJobRequest waiting(String id) {
    return WaitJobRequest.newBuilder().setJobId(id).build();
  }

  private static CancelJobRequest cancel(String id) {
    return CancelJobRequest.newBuilder().setJobId(id).build();
  }

  private static RetryJobRequest retry(String id) {
    return RetryJobRequest.newBuilder().setJobId(id).build();
  }

  private static DeleteJobRequest delete(String id) {
    return DeleteJobRequest.newBuilder().setJobId(id).build();
  }

  private static UpdateJobRequest update(String id) {
    return UpdateJobRequest.newBuilder()
        .setJobId(id)
        .setSpec(JobSpec.newBuilder().setDisplayName("x"))
        .setUpdateMask(FieldMask.newBuilder().addPaths("display_name"))
        .build();
  }

  private static GetOperationRequest operation(String id) {
    return GetOperationRequest.newBuilder().setName("operations/" + id).build();
  }

  private static CancelOperationRequest cancelled(String id) {
    return CancelOperationRequest.newBuilder().setName("operations/" + id).build();
  }

  private static DeleteOperationRequest deleted(String id) {
    return DeleteOperationRequest.newBuilder().setName("operations/" + id).build();
  }

  private static RetryFailedItemsRequest items(String id, String requestId) {
    return RetryFailedItemsRequest.newBuilder().setJobId(id).setRequestId(requestId).build();
  }
}
