package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.UpdateJobRequest;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A struct that is accepted is returned unchanged by every method to a client with default limits;
 * one that could not be is refused before anything is stored.
 */
class StructBoundariesTest {
  private static final int MAX_DEPTH = 30;
  private static final Struct DEEPEST = nested(MAX_DEPTH);

  @TempDir private Path folder;

  private TestServer start(String store) {
    return store.equals("memory")
        ? TestServer.start()
        : TestServer.on(folder.resolve("jobs.db"), new SettableClock());
  }

  private static Struct nested(int depth) {
    Value value = Value.newBuilder().setNumberValue(0.5).build();
    for (int i = 1; i < depth; i++) {
      value = Value.newBuilder().setStructValue(of(value)).build();
    }
    return of(value);
  }

  private static Struct of(Value value) {
    return Struct.newBuilder().putFields("k", value).build();
  }

  /** Structs that no client could read, or no JSON reader. */
  private static List<Struct> refused() {
    List<Struct> all = new ArrayList<>();
    for (int depth = MAX_DEPTH + 1; depth <= 32; depth++) {
      all.add(nested(depth));
    }
    all.add(of(Value.newBuilder().setNumberValue(Double.NaN).build()));
    all.add(of(Value.newBuilder().setNumberValue(Double.NEGATIVE_INFINITY).build()));
    all.add(of(Value.getDefaultInstance()));
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void theDeepestStructsComeBackEverywhere(String store) throws InvalidProtocolBufferException {
    try (TestServer server = start(store)) {
      TestClient ann = server.client();
      JobSpec spec =
          JobSpec.newBuilder().setType("deep").setParams(DEEPEST).setMetadata(DEEPEST).build();
      Item item = Item.newBuilder().setId("i").setData(DEEPEST).build();
      String id =
          ann.jobs()
              .createJob(CreateJobRequest.newBuilder().setSpec(spec).addItems(item).build())
              .getJob()
              .getId();
      HeldJob held = ann.claim();
      held.report(
          Report.newBuilder()
              .setCheckpoint(DEEPEST)
              .addItems(item)
              .addLogs(
                  LogEntry.newBuilder()
                      .setLevel(LogLevel.LOG_LEVEL_INFO)
                      .setMessage("m")
                      .setContext(DEEPEST)));
      JobError error =
          JobError.newBuilder().setCode("A").setRetryable(true).setDetails(DEEPEST).build();
      ann.worker()
          .failJob(
              FailJobRequest.newBuilder()
                  .setJobId(id)
                  .setAttemptToken(held.token())
                  .setError(error)
                  .build());
      server.clock().advance(java.time.Duration.ofMinutes(1));
      Job again = awaitClaim(ann);
      assertThat(again.getStatus().getCheckpoint()).isEqualTo(DEEPEST);
      assertThat(again.getStatus().getError().getDetails()).isEqualTo(DEEPEST);

      List<Message> shown = new ArrayList<>();
      shown.add(ann.get(id));
      shown.add(ann.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobs(0));
      ExportJobsResponse exported =
          AdminServiceGrpc.newBlockingStub(ann.in("ADMIN").channel())
              .exportJobs(ExportJobsRequest.getDefaultInstance())
              .next();
      shown.add(exported.getJob());
      for (Message job : shown) {
        assertThat(job).isEqualTo(ann.get(id));
        assertThat(((Job) job).getSpec().getParams()).isEqualTo(DEEPEST);
        assertThat(((Job) job).getSpec().getMetadata()).isEqualTo(DEEPEST);
        Job.Builder parsed = Job.newBuilder();
        JsonFormat.parser().merge(JsonFormat.printer().print(job), parsed);
        assertThat(parsed.build().getSpec()).isEqualTo(((Job) job).getSpec());
      }
      assertThat(
              ann.jobs()
                  .listItems(ListItemsRequest.newBuilder().setJobId(id).build())
                  .getItems(0)
                  .getData())
          .isEqualTo(DEEPEST);
      assertThat(
              ann.jobs()
                  .listJournal(ListJournalRequest.newBuilder().setJobId(id).build())
                  .getEntriesList())
          .anyMatch(entry -> entry.getLog().getContext().equals(DEEPEST))
          .anyMatch(entry -> entry.getStateChange().getError().getDetails().equals(DEEPEST));
    }
  }

  /** The retry waits for its backoff: claims until the job is there. */
  private static Job awaitClaim(TestClient worker) {
    return worker
        .worker()
        .claimJobs(TestClient.claimRequest().setWait(TestClient.seconds(10)).build())
        .getJobs(0)
        .getJob();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void otherStructsAreRefusedAndChangeNothing(String store) {
    try (TestServer server = start(store)) {
      TestClient ann = server.client();
      HeldJob held = ann.start("resize");
      Job before = ann.get(held.jobId());
      for (Struct struct : refused()) {
        Item item = Item.newBuilder().setId("i").setData(struct).build();
        assertRefused("spec.params", () -> ann.create(spec().setParams(struct)));
        assertRefused("spec.metadata", () -> ann.create(spec().setMetadata(struct)));
        assertRefused(
            "items[0].data",
            () ->
                ann.jobs()
                    .createJob(
                        CreateJobRequest.newBuilder().setSpec(spec()).addItems(item).build()));
        assertRefused(
            "spec.metadata",
            () ->
                ann.jobs()
                    .updateJob(
                        UpdateJobRequest.newBuilder()
                            .setJobId(held.jobId())
                            .setSpec(JobSpec.newBuilder().setMetadata(struct))
                            .setUpdateMask(
                                com.google.protobuf.FieldMask.newBuilder().addPaths("metadata"))
                            .build()));
        assertRefused(
            "report.checkpoint", () -> held.report(Report.newBuilder().setCheckpoint(struct)));
        assertRefused(
            "report.items[0].data", () -> held.report(Report.newBuilder().addItems(item)));
        assertRefused(
            "report.logs[0].context",
            () ->
                held.report(
                    Report.newBuilder()
                        .addLogs(
                            HeldJob.line(LogLevel.LOG_LEVEL_INFO, "m").toBuilder()
                                .setContext(struct))));
        assertRefused(
            "result",
            () ->
                ann.worker()
                    .completeJob(
                        CompleteJobRequest.newBuilder()
                            .setJobId(held.jobId())
                            .setAttemptToken(held.token())
                            .setResult(struct)
                            .build()));
        assertRefused(
            "error.details",
            () ->
                ann.worker()
                    .failJob(
                        FailJobRequest.newBuilder()
                            .setJobId(held.jobId())
                            .setAttemptToken(held.token())
                            .setError(JobError.newBuilder().setCode("A").setDetails(struct))
                            .build()));
      }
      assertThat(ann.get(held.jobId())).isEqualTo(before);
      assertThat(ann.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount())
          .isEqualTo(1);
    }
  }

  private static JobSpec.Builder spec() {
    return JobSpec.newBuilder().setType("resize");
  }

  private static void assertRefused(String field, Callable<?> call) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).as(field).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations()).anyMatch(found -> found.startsWith(field + ": "));
  }
}
