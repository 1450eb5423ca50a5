package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fields that the server does not know are neither kept nor shown, whatever message has them. */
class UnknownFieldsTest {
  private static final UnknownFieldSet PLANTED =
      UnknownFieldSet.newBuilder()
          .addField(
              18_000,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFromUtf8("planted"))
                  .addVarint(7)
                  .build())
          .build();

  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  /** Returns the message with an unknown field in it and in each message within it. */
  @SuppressWarnings("unchecked")
  private static <M extends Message> M planted(M message) {
    Message.Builder builder = message.toBuilder().setUnknownFields(PLANTED);
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      FieldDescriptor field = set.getKey();
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (field.isRepeated()) {
        List<Message> elements = (List<Message>) set.getValue();
        for (int i = 0; i < elements.size(); i++) {
          builder.setRepeatedField(field, i, element(field, elements.get(i)));
        }
      } else {
        builder.setField(field, planted((Message) set.getValue()));
      }
    }
    return (M) builder.build();
  }

  /** An entry of a map has no unknown fields of its own, but its value may. */
  private static Message element(FieldDescriptor field, Message element) {
    if (!field.isMapField()) {
      return planted(element);
    }
    FieldDescriptor value = element.getDescriptorForType().findFieldByName("value");
    return value.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        ? element.toBuilder().setField(value, planted((Message) element.getField(value))).build()
        : element;
  }

  /** Returns the bytes of a message as text, one character for each. */
  private static String text(Message message) {
    return new String(message.toByteArray(), StandardCharsets.ISO_8859_1);
  }

  private static void assertClean(Message answer) {
    assertThat(text(answer)).doesNotContain("planted");
  }

  private static Struct struct() {
    Value text = Value.newBuilder().setStringValue("kept").build();
    Struct inner = Struct.newBuilder().putFields("k", text).build();
    return Struct.newBuilder()
        .putFields("m", Value.newBuilder().setStructValue(inner).build())
        .build();
  }

  private static JobSpec spec() {
    return JobSpec.newBuilder()
        .setType("a")
        .setParams(struct())
        .setMetadata(struct())
        .putLabels("k", "v")
        .setTimeouts(JobTimeouts.newBuilder().setLease(TestClient.seconds(60)))
        .setWebhook(Webhook.newBuilder().setUrl("https://h.example"))
        .build();
  }

  @Test
  void aJobComesBackWithoutThem() {
    CreateJobRequest request =
        planted(
            CreateJobRequest.newBuilder()
                .setSpec(spec())
                .addItems(Item.newBuilder().setId("i").setData(struct()))
                .setStart(StartJob.newBuilder().setWorkerId("w"))
                .build());
    assertThat(text(request)).contains("planted");
    var created = ann.jobs().createJob(request);
    assertClean(created);
    HeldJob held = new HeldJob(ann, created.getJob().getId(), created.getGrant().getAttemptToken());
    Job job = ann.get(held.jobId());
    assertThat(job.getSpec().getParams()).isEqualTo(struct());
    assertClean(job);
    Report report =
        Report.newBuilder()
            .setReportSeq(1)
            .setCheckpoint(struct())
            .setProgress(
                Progress.newBuilder()
                    .setFraction(0.5)
                    .addSubOperations(SubOperation.newBuilder().setId("s")))
            .addLogs(HeldJob.line(LogLevel.LOG_LEVEL_INFO, "x").toBuilder().setContext(struct()))
            .build();
    assertClean(
        ann.worker()
            .report(
                planted(
                    ReportRequest.newBuilder()
                        .setJobId(held.jobId())
                        .setAttemptToken(held.token())
                        .setReport(report)
                        .build())));
    assertClean(ann.watch(held.jobId()).awaitMessages(1).messages().get(0));
    ann.journal(held.jobId()).forEach(UnknownFieldsTest::assertClean);
    assertClean(
        ann.worker()
            .completeJob(
                planted(
                    CompleteJobRequest.newBuilder()
                        .setJobId(held.jobId())
                        .setAttemptToken(held.token())
                        .setResult(struct())
                        .build())));
    assertClean(ann.jobs().listJobs(planted(ListJobsRequest.getDefaultInstance())));
    assertClean(ann.jobs().listItems(ListItemsRequest.newBuilder().setJobId(held.jobId()).build()));
  }

  @Test
  void aWorkerClaimsAJobWithoutThem() {
    ann.jobs().createJob(planted(CreateJobRequest.newBuilder().setSpec(spec()).build()));
    ClaimJobsResponse claimed =
        ann.worker().claimJobs(planted(TestClient.claimRequest().setMaxJobs(1).build()));
    assertThat(claimed.getJobsList()).hasSize(1);
    assertClean(claimed);
  }

  /** An Any holds bytes that the parser does not look into. */
  @Test
  void noRequestHoldsAnAny() {
    Set<Descriptor> seen = new HashSet<>();
    for (var file :
        List.of(
            dev.milepost.v1.JobServiceProto.getDescriptor(),
            dev.milepost.v1.WorkerServiceProto.getDescriptor(),
            dev.milepost.v1.TaskServiceProto.getDescriptor(),
            dev.milepost.v1.AdminServiceProto.getDescriptor())) {
      file.getServices()
          .forEach(
              service -> service.getMethods().forEach(rpc -> collect(rpc.getInputType(), seen)));
    }
    assertThat(seen)
        .hasSizeGreaterThan(20)
        .extracting(Descriptor::getFullName)
        .doesNotContain("google.protobuf.Any");
  }

  private static void collect(Descriptor type, Set<Descriptor> seen) {
    if (seen.add(type)) {
      type.getFields().stream()
          .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
          .forEach(field -> collect(field.getMessageType(), seen));
    }
  }
}
