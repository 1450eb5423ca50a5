package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.OperationsProto;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.milepost.v1.AdminServiceProto;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobServiceProto;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.TaskServiceProto;
import dev.milepost.v1.WorkerServiceProto;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each list reads a page size that is too large as the largest one, and refuses a negative one. */
class PageSizeTest {
  private static final int MAX = 1_000;
  private static final String PAGE_SIZE = "page_size";
  private static final List<FileDescriptor> CONTRACT =
      List.of(
          JobServiceProto.getDescriptor(),
          WorkerServiceProto.getDescriptor(),
          TaskServiceProto.getDescriptor(),
          AdminServiceProto.getDescriptor(),
          OperationsProto.getDescriptor());

  /** Lists of which there is more than a page here, and the entries of a full one. */
  private static final Map<String, Integer> FULL =
      Map.of("ListJobs", MAX, "ListJournal", MAX, "ListItems", MAX);

  private static TestServer server;
  private static TestClient admin;

  /** A job with more items and more lines than a page has. */
  private static String id;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(Map.of("milepost.limits.batch-items-per-job", 1));
    admin = server.client().in("USER,WORKER,ADMIN");
    var unused = BatchSender.make(admin, "a", MAX + 1);
    id =
        admin
            .jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("b"))
                    .addAllItems(
                        IntStream.range(0, MAX + 1)
                            .mapToObj(i -> Item.newBuilder().setId("i" + i).build())
                            .toList())
                    .build())
            .getJob()
            .getId();
    HeldJob work =
        admin
            .works(
                admin
                    .worker()
                    .claimJobs(TestClient.claimRequest().addTypes("b").setMaxJobs(1).build()))
            .get(0);
    for (LogLevel level : List.of(LogLevel.LOG_LEVEL_INFO, LogLevel.LOG_LEVEL_WARNING)) {
      Report.Builder report = Report.newBuilder();
      for (int i = 0; i < MAX / 2 + 1; i++) {
        report.addLogs(LogEntry.newBuilder().setLevel(level).setMessage("line " + i));
      }
      work.report(report);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Stream<MethodDescriptor> lists() {
    return CONTRACT.stream()
        .flatMap(file -> file.getServices().stream())
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> method.getInputType().findFieldByName(PAGE_SIZE) != null);
  }

  private static RawCall.Answer list(MethodDescriptor method, int pageSize) throws Exception {
    DynamicMessage.Builder request = DynamicMessage.newBuilder(method.getInputType());
    request.setField(method.getInputType().findFieldByName(PAGE_SIZE), pageSize);
    FieldDescriptor job = method.getInputType().findFieldByName("job_id");
    if (job != null) {
      request.setField(job, id);
    }
    Message built = request.build();
    return new RawCall(method.getService().getFullName() + '/' + method.getName(), false)
        .send(admin.channel(), built);
  }

  /** Returns the entries of a page: of its largest list. */
  private static int entries(MethodDescriptor method, RawCall.Answer page) throws Exception {
    DynamicMessage message = DynamicMessage.parseFrom(method.getOutputType(), page.response());
    return method.getOutputType().getFields().stream()
        .filter(FieldDescriptor::isRepeated)
        .mapToInt(message::getRepeatedFieldCount)
        .max()
        .orElseThrow();
  }

  @Test
  void thereAreLists() {
    assertThat(lists().map(MethodDescriptor::getName))
        .contains("ListJobs", "ListJournal", "ListItems", "ListTasks", "ListWorkers")
        .contains("ListOperations")
        .containsAll(FULL.keySet());
  }

  @TestFactory
  Stream<DynamicTest> tooLargeIsTheLargest() {
    return lists()
        .map(
            method ->
                DynamicTest.dynamicTest(
                    method.getName(),
                    () -> {
                      for (int pageSize : List.of(MAX, MAX + 1, Integer.MAX_VALUE)) {
                        RawCall.Answer page = list(method, pageSize);
                        assertThat(page.code()).as("%s", page).isEqualTo(Code.OK);
                        assertThat(entries(method, page))
                            .isEqualTo(
                                FULL.getOrDefault(
                                    method.getName(), entries(method, list(method, MAX))))
                            .isLessThanOrEqualTo(MAX);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> negativeIsRefused() {
    return lists()
        .map(
            method ->
                DynamicTest.dynamicTest(
                    method.getName(),
                    () -> {
                      for (int pageSize : List.of(-1, Integer.MIN_VALUE)) {
                        RawCall.Answer refused = list(method, pageSize);
                        assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
                        assertThat(refused.message()).startsWith("page_size ");
                      }
                    }));
  }
}
