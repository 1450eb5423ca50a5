package dev.milepost.server.boundary;

import com.google.longrunning.GetOperationRequest;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorDetailsProto;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.webhook.WebhookBodies;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a job in every form that the API has, as a client of default limits. */
final class ReadBack {
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder()
          .add(Job.getDescriptor())
          .add(ErrorDetailsProto.getDescriptor().getMessageTypes())
          .build();
  private static final JsonFormat.Printer JSON = JsonFormat.printer().usingTypeRegistry(TYPES);
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);

  /** Texts that are cut rather than refused, since an error must always get through. */
  private static final Set<String> CUT = Set.of("error.message", "error.stack_trace");

  private final TestClient client;

  ReadBack(TestClient client) {
    this.client = client;
  }

  /**
   * Reads a job.
   *
   * @return what is wrong; empty if nothing
   */
  List<String> job(String id, Optional<Sent> sent) throws Exception {
    Job job = client.get(id);
    List<Message> all = new ArrayList<>();
    all.add(job);
    var batch = client.jobs().batchGetJobs(BatchGetJobsRequest.newBuilder().addJobIds(id).build());
    all.add(batch);
    all.add(client.jobs().listJobs(ListJobsRequest.newBuilder().setPageSize(2).build()));
    all.add(client.jobs().getProgress(GetProgressRequest.newBuilder().setJobId(id).build()));
    all.add(client.jobs().getOutcome(GetOutcomeRequest.newBuilder().setJobId(id).build()));
    var items = client.jobs().listItems(ListItemsRequest.newBuilder().setJobId(id).build());
    all.add(items);
    var journal = client.jobs().listJournal(ListJournalRequest.newBuilder().setJobId(id).build());
    all.add(journal);
    WatchJobResponse watched = watched(id);
    all.add(watched);
    all.add(
        client
            .operations()
            .getOperation(GetOperationRequest.newBuilder().setName("operations/" + id).build()));
    List<String> wrong = new ArrayList<>();
    for (Message message : all) {
      check(message, wrong);
    }
    checkWebhook(job, wrong);
    if (!batch.getJobs(0).getSpec().equals(job.getSpec())) {
      wrong.add("BatchGetJobs and GetJob differ");
    }
    if (!watched.getJob().getSpec().equals(job.getSpec())) {
      wrong.add("WatchJob and GetJob differ");
    }
    sent.flatMap(value -> value.differs(job, items.getItemsList(), journal.getEntriesList()))
        .ifPresent(wrong::add);
    return wrong;
  }

  /**
   * Checks the body that a webhook of the job would receive: it leaves out what its owner knows.
   */
  private static void checkWebhook(Job job, List<String> wrong) {
    Job.Builder expected = job.toBuilder();
    expected.getSpecBuilder().clearParams().clearMetadata().clearWebhook();
    expected.getStatusBuilder().clearWebhookDeliveries().clearCheckpoint();
    try {
      String body = WebhookBodies.of(job);
      PARSER.merge(body, Struct.newBuilder());
      Job.Builder shown = Job.newBuilder();
      PARSER.merge(WebhookBodies.job(body), shown);
      if (!shown.build().equals(expected.build())) {
        wrong.add("the webhook and GetJob differ");
      }
    } catch (InvalidProtocolBufferException e) {
      wrong.add("the webhook's body is not JSON: " + e.getMessage());
    }
  }

  /** Returns the first message of a watch. */
  private WatchJobResponse watched(String id) throws Exception {
    Exchange first =
        Exchange.send(
            client.channel(),
            JobServiceGrpc.getWatchJobMethod(),
            List.of(WatchJobRequest.newBuilder().setJobId(id).build()));
    if (first.response() instanceof WatchJobResponse response) {
      return response;
    }
    throw new AssertionError("WatchJob failed: " + first.error());
  }

  /** Adds to a list what is wrong with a message. */
  static void check(Message message, List<String> wrong) {
    if (hasUnknown(message)) {
      wrong.add(message.getDescriptorForType().getName() + " shows an unknown field");
    }
    try {
      String json = JSON.print(message);
      Message.Builder again = message.newBuilderForType();
      PARSER.merge(json, again);
      if (!again.build().equals(message)) {
        wrong.add(message.getDescriptorForType().getName() + " differs after JSON");
      }
    } catch (InvalidProtocolBufferException e) {
      wrong.add(message.getDescriptorForType().getName() + " is not JSON: " + e.getMessage());
    }
  }

  private static boolean hasUnknown(Message message) {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      return true;
    }
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      if (entry.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      List<?> values = entry.getValue() instanceof List<?> list ? list : List.of(entry.getValue());
      for (Object value : values) {
        if (hasUnknown((Message) value)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * A value that was accepted.
   *
   * @param path where it stood in the request
   * @param value text or Struct
   */
  record Sent(String path, Object value) {
    private Optional<String> differs(Job job, List<Item> items, List<JournalEntry> journal) {
      String field = path.startsWith("batch.") ? path.substring("batch.".length()) : path;
      if (field.startsWith("spec.")) {
        return in(job, field);
      }
      if (field.startsWith("report.items.") || field.startsWith("items.")) {
        String rest = field.substring(field.lastIndexOf("items.") + "items.".length());
        // Another id is another item, beside the first.
        return items.stream().anyMatch(item -> in(item, rest).isEmpty())
            ? Optional.empty()
            : Optional.of(path + " is not in any item");
      }
      if (field.startsWith("report.logs.")) {
        return journal.stream()
                .filter(JournalEntry::hasLog)
                .anyMatch(
                    entry -> in(entry.getLog(), field.substring("report.logs.".length())).isEmpty())
            ? Optional.empty()
            : Optional.of(path + " is not in the journal");
      }
      if (field.startsWith("report.progress.") || field.startsWith("report.stage.")) {
        return in(job.getStatus(), field.substring("report.".length()));
      }
      if (field.equals("report.checkpoint") || field.equals("result")) {
        return in(job.getStatus(), field.substring(field.indexOf('.') + 1));
      }
      if (field.startsWith("error.")) {
        return in(job.getStatus(), field);
      }
      return Optional.empty();
    }

    private Optional<String> in(Message message, String field) {
      Optional<FieldPath> found =
          FieldPath.of(message.getDescriptorForType()).stream()
              .filter(candidate -> candidate.toString().equals(field))
              .findFirst();
      Object shown = found.orElseThrow(() -> new AssertionError("no " + field)).value(message);
      boolean isSame =
          CUT.contains(path) ? value.toString().startsWith(shown.toString()) : shown.equals(value);
      return isSame
          ? Optional.empty()
          : Optional.of(path + " comes back as " + shorten(shown) + ", not " + shorten(value));
    }

    private static String shorten(Object value) {
      String text = value.toString();
      return '"' + text.substring(0, Math.min(40, text.length())) + '"';
    }
  }
}
