package dev.milepost.server.boundary;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.StartTaskResponse;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is accepted can always be given back: every field of every request, as the descriptors have
 * it, with values at and beyond each boundary of its type. A value is either refused with an error
 * that names its field, or comes back unchanged wherever it is shown.
 *
 * <p>Tries all values with the system property {@code milepost.test.boundaries=all}. Else it tries
 * those next to a boundary, and of a field that several requests have, such as those of a report,
 * one value in each request but the first.
 */
abstract class BoundariesContract {
  private static final boolean ALL = "all".equals(System.getProperty("milepost.test.boundaries"));

  /** An error of the caller. All others say that the server is to blame, or leave it open. */
  private static final Set<Status.Code> REFUSALS =
      EnumSet.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.ALREADY_EXISTS,
          Status.Code.PERMISSION_DENIED,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.ABORTED,
          Status.Code.OUT_OF_RANGE);

  private static final String DEFINITIONS =
      """
      tasks:
        - name: %s
          scope: ITEM_SET
          steps: [{name: one, type: boundary-step}]
      """
          .formatted(Samples.TASK);

  /** Fields that the server sets, whatever a request has in them. */
  private static final Set<String> OUTPUT_ONLY =
      Set.of(
          "milepost.v1.Item.update_time",
          "milepost.v1.Item.job_id",
          "milepost.v1.Progress.percent",
          "milepost.v1.Progress.rate",
          "milepost.v1.Progress.estimated_end_time",
          "milepost.v1.Progress.last_progress_time",
          "milepost.v1.Stage.start_time");

  /** Texts and structs of a spec that UpdateJob changes. */
  private static final Set<String> UPDATED = Set.of("display_name", "metadata", "url");

  @TempDir Path directory;

  /**
   * Methods that keep texts and structs: those that a store could fail to hold. The memory store
   * shows that every other method checks its fields.
   */
  private static final Set<String> KEEPING =
      Set.of("CreateJob", "CreateJobs", "UpdateJob", "CancelJob", "Report", "FailJob");

  /** Full names of the fields that a request has been tried with. */
  private final Set<String> tried = new HashSet<>();

  private TestServer server;
  private TestClient client;
  private Samples samples;

  /** Returns the URL of an empty store. */
  abstract String store(Path directory);

  /** Whether to try the methods, and the fields, that keep nothing. */
  boolean triesEverything() {
    return false;
  }

  @BeforeEach
  void start() throws IOException {
    Path tasks = Files.writeString(directory.resolve("tasks.yaml"), DEFINITIONS);
    server =
        TestServer.inRealTime(
            Map.of(
                "milepost.store", store(directory),
                "milepost.tasks.file", tasks.toString(),
                // No job goes on by itself, however long the test takes.
                "milepost.jobs.lease", "1h",
                // Each watch is cut off after its first message.
                "milepost.limits.resets-per-window", 1_000_000,
                "milepost.limits.user-requests-per-second", 0,
                "milepost.limits.tenant-requests-per-second", 0,
                "milepost.limits.user-bytes-per-second", 0));
    client = server.client().in("ADMIN,OPERATOR,USER,WORKER");
    samples = new Samples(client, Instant.now());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Stream<MethodDescriptor<?, ?>> methods() {
    return Stream.of(
            JobServiceGrpc.getServiceDescriptor(),
            WorkerServiceGrpc.getServiceDescriptor(),
            TaskServiceGrpc.getServiceDescriptor(),
            AdminServiceGrpc.getServiceDescriptor(),
            OperationsGrpc.getServiceDescriptor())
        .map(ServiceDescriptor::getMethods)
        .flatMap(Collection::stream);
  }

  @TestFactory
  Stream<DynamicTest> everyFieldOfEveryRequest() {
    return Stream.concat(
        eachMethod(),
        Stream.of(
            DynamicTest.dynamicTest(
                "a copy of what was accepted",
                () -> assertThat(Copies.differences(server)).isEmpty())));
  }

  private Stream<DynamicTest> eachMethod() {
    return methods()
        .filter(
            method ->
                triesEverything() || KEEPING.contains(String.valueOf(method.getBareMethodName())))
        .flatMap(
            method ->
                samples.of(String.valueOf(method.getBareMethodName())).stream()
                    .map(
                        sample ->
                            DynamicTest.dynamicTest(
                                String.valueOf(method.getBareMethodName()),
                                () -> tryAll(method, sample))));
  }

  @Test
  void everythingCanBeListedExportedAndDeleted() throws Exception {
    for (MethodDescriptor<?, ?> method : methods().toList()) {
      for (Supplier<Sample> sample : samples.of(String.valueOf(method.getBareMethodName()))) {
        var unused = Exchange.send(client.channel(), method, sample.get().messages());
      }
    }
    List<String> wrong = new ArrayList<>();
    ListJobsResponse page = ListJobsResponse.getDefaultInstance();
    do {
      page =
          client
              .jobs()
              .listJobs(
                  ListJobsRequest.newBuilder()
                      .setPageSize(100)
                      .setPageToken(page.getNextPageToken())
                      .build());
      ReadBack.check(page, wrong);
    } while (!page.getNextPageToken().isEmpty());
    AdminServiceGrpc.newBlockingStub(client.channel())
        .exportJobs(ExportJobsRequest.getDefaultInstance())
        .forEachRemaining(part -> ReadBack.check(part, wrong));
    assertThat(wrong).isEmpty();
  }

  private void tryAll(MethodDescriptor<?, ?> method, Supplier<Sample> samples) throws Exception {
    List<String> wrong = new ArrayList<>();
    Sample valid = samples.get();
    Exchange accepted = Exchange.send(client.channel(), method, valid.messages());
    assertThat(accepted.isOk()).as("a valid request: %s", accepted.error()).isTrue();
    for (FieldPath path : FieldPath.of(valid.changed().getDescriptorForType())) {
      if (!path.isIn(valid.changed())
          || OUTPUT_ONLY.contains(path.field().getFullName())
          || !(triesEverything() || isKept(path.field()))) {
        continue;
      }
      for (HostileValue value : values(path.field())) {
        Sample sample = samples.get();
        String outcome = tryOne(method, sample, path, value);
        if (!outcome.isEmpty()) {
          wrong.add(path + " with " + value.name() + ": " + outcome);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private List<HostileValue> values(FieldDescriptor field) {
    List<HostileValue> values = HostileValue.of(field, ALL);
    if (ALL || tried.add(field.getFullName())) {
      return values;
    }
    return values.stream()
        .filter(HostileValue::mustRefuse)
        .findFirst()
        .or(() -> values.stream().findFirst())
        .stream()
        .toList();
  }

  private static boolean isKept(FieldDescriptor field) {
    return field.isMapField() || field.getJavaType() == JavaType.STRING || isStruct(field);
  }

  private static boolean isStruct(FieldDescriptor field) {
    return field.getJavaType() == JavaType.MESSAGE
        && field.getMessageType().getFullName().equals("google.protobuf.Struct");
  }

  /** Returns what is wrong; empty if nothing. */
  private String tryOne(
      MethodDescriptor<?, ?> method, Sample sample, FieldPath path, HostileValue value)
      throws Exception {
    Message changed = path.change(sample.changed(), value.change());
    Exchange result = Exchange.send(client.channel(), method, sample.with(changed));
    if (!result.isOk()) {
      return refusal(result, path, value);
    }
    if (value.mustRefuse()) {
      return "accepted";
    }
    String id = jobId(sample, path, result);
    if (id.isEmpty() || isGone(method)) {
      return "";
    }
    List<String> wrong = new ReadBack(client).job(id, sent(method, path, value, changed));
    return String.join("; ", wrong);
  }

  private static String refusal(Exchange result, FieldPath path, HostileValue value)
      throws Exception {
    String shown = result.code() + " " + result.error().getMessage();
    if (!result.hasErrorInfo()) {
      return "no ErrorInfo: " + shown;
    }
    if (!REFUSALS.contains(result.code())
        || (value.mustRefuse() && result.code() != Status.Code.INVALID_ARGUMENT)) {
      return shown;
    }
    boolean namesField =
        result.violations().stream().anyMatch(violation -> names(violation, path.toString()));
    return result.code() == Status.Code.INVALID_ARGUMENT && !namesField
        ? "does not name the field: " + shown
        : "";
  }

  /** A field that conflicts with another one may be named in the description. */
  private static boolean names(String violation, String path) {
    String field = violation.substring(0, violation.indexOf(": "));
    return path.startsWith(field)
        || path.endsWith(field)
        || violation.contains(path)
        || violation.contains(path.replaceFirst("^batch\\.", ""));
  }

  private static boolean isGone(MethodDescriptor<?, ?> method) {
    return String.valueOf(method.getBareMethodName()).startsWith("Delete");
  }

  private static String jobId(Sample sample, FieldPath path, Exchange result) {
    if (result.response() instanceof CreateJobResponse created) {
      return created.getJob().getId();
    }
    if (result.response() instanceof CreateJobsResponse created) {
      return created.getJob().getId();
    }
    if (result.response() instanceof StartTaskResponse started) {
      return path.toString().startsWith("items.")
          ? started.getTask().getSteps(0).getJobId() // The first step works on them.
          : started.getTask().getJob().getId();
    }
    return sample.jobId();
  }

  private static Optional<ReadBack.Sent> sent(
      MethodDescriptor<?, ?> method, FieldPath path, HostileValue value, Message changed) {
    FieldDescriptor field = path.field();
    boolean isLeftOut =
        "UpdateJob".equals(method.getBareMethodName()) && !UPDATED.contains(field.getName());
    boolean isShown =
        !field.isRepeated()
            && !isLeftOut
            && (field.getJavaType() == JavaType.STRING || isStruct(field))
            && !field.getName().equals("secret")
            && !value.name().equals("an unknown field");
    return isShown
        ? Optional.of(new ReadBack.Sent(path.toString(), path.value(changed)))
        : Optional.empty();
  }
}
