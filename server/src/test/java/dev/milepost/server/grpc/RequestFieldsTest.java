package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.BadRequest;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every field of every request, found by its descriptor: lists and maps without end, deep structs,
 * numbers that are none and control characters never lead to an unexpected failure, and whatever
 * has no bound by itself is refused by the name of its field.
 */
class RequestFieldsTest {
  private static final int MANY = 3_000;

  /** Codes that say that the server did not expect the request, or could not answer it. */
  private static final Set<Code> UNEXPECTED =
      EnumSet.of(Code.UNKNOWN, Code.INTERNAL, Code.UNAVAILABLE, Code.DATA_LOSS);

  private static final String TASKS =
      "tasks: [{name: t, scope: ITEM_SET, steps: [{name: one, type: one}]}]";

  @TempDir private Path directory;
  private TestServer server;
  private TestClient admin;

  @BeforeEach
  void start() throws IOException {
    Path file = Files.writeString(directory.resolve("tasks.yaml"), TASKS);
    server = TestServer.start(Map.of("milepost.tasks.file", file.toString()));
    admin = server.client().in("USER,WORKER,OPERATOR,ADMIN");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** A field of a request, by the fields that lead to it. */
  private record FieldPath(MethodDescriptor<?, ?> method, List<FieldDescriptor> fields) {
    FieldDescriptor last() {
      return fields.get(fields.size() - 1);
    }

    /** Without what only CreateJobs has around it. */
    String name() {
      String name =
          String.join(".", fields.stream().map(FieldDescriptor::getName).toList())
              .replaceFirst("^batch\\.", "")
              .replaceFirst("^items\\.items", "items");
      return name.replace("update_mask.paths", "update_mask");
    }

    @Override
    public String toString() {
      return method.getBareMethodName() + " " + name();
    }
  }

  private static List<FieldPath> paths() {
    List<FieldPath> paths = new ArrayList<>();
    Stream.of(
            JobServiceGrpc.getServiceDescriptor(),
            WorkerServiceGrpc.getServiceDescriptor(),
            TaskServiceGrpc.getServiceDescriptor(),
            AdminServiceGrpc.getServiceDescriptor(),
            OperationsGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .forEach(
            method -> walk(method, prototype(method).getDescriptorForType(), List.of(), paths));
    return paths;
  }

  private static void walk(
      MethodDescriptor<?, ?> method,
      Descriptor message,
      List<FieldDescriptor> before,
      List<FieldPath> paths) {
    for (FieldDescriptor field : message.getFields()) {
      List<FieldDescriptor> path = new ArrayList<>(before);
      path.add(field);
      paths.add(new FieldPath(method, path));
      boolean isStruct =
          field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
              && field.getMessageType().getFile().equals(Struct.getDescriptor().getFile());
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !isStruct) {
        walk(method, field.getMessageType(), path, paths);
      }
    }
  }

  private static Message prototype(MethodDescriptor<?, ?> method) {
    return (Message) ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
  }

  @Test
  void everyListAndMapHasABound() {
    int checked = 0;
    for (FieldPath path : paths()) {
      if (path.last().isRepeated() && isOutsideMaps(path)) {
        Answer answer = call(path, RequestFieldsTest::fill);
        assertThat(answer.code()).as(path.toString()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(answer.fields())
            .as(path.toString())
            .anyMatch(field -> field.replaceAll("\\[\\d+]", "").equals(path.name()));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(40);
  }

  @Test
  void controlCharactersAreNeverAFault() {
    for (FieldPath path : paths()) {
      if (path.last().getJavaType() == FieldDescriptor.JavaType.STRING) {
        for (String bad : List.of("\0", "a\0b", "\n", "a\u001b[0m", "\u007f")) {
          Answer answer = call(path, (builder, field) -> put(builder, field, bad));
          assertThat(answer.code()).as(path.toString()).isNotIn(UNEXPECTED);
        }
      }
    }
  }

  @Test
  void numbersThatAreNoneAreRefused() {
    for (FieldPath path : paths()) {
      if (path.last().getJavaType() == FieldDescriptor.JavaType.DOUBLE && !isOutput(path)) {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
          Answer answer = call(path, (builder, field) -> put(builder, field, bad));
          assertThat(answer.code()).as(path.toString()).isEqualTo(Code.INVALID_ARGUMENT);
        }
      }
      if (path.last().getJavaType() == FieldDescriptor.JavaType.LONG
          || path.last().getJavaType() == FieldDescriptor.JavaType.INT) {
        for (long bad : new long[] {Long.MIN_VALUE, -1, Long.MAX_VALUE}) {
          Answer answer = call(path, (builder, field) -> put(builder, field, number(field, bad)));
          assertThat(answer.code()).as(path + " " + bad).isNotIn(UNEXPECTED);
        }
      }
    }
  }

  @Test
  void deepStructsAreRefused() {
    for (FieldPath path : paths()) {
      boolean isStruct =
          path.last().getJavaType() == FieldDescriptor.JavaType.MESSAGE
              && path.last().getMessageType().equals(Struct.getDescriptor());
      // An update does not read what its mask cannot name.
      boolean isRead = !path.toString().equals("UpdateJob spec.params");
      if (isStruct && isRead) {
        for (int depth = 31; depth <= 32; depth++) {
          Struct deep = nested(depth);
          Answer answer = call(path, (builder, field) -> put(builder, field, deep));
          assertThat(answer.code()).as(path.toString()).isEqualTo(Code.INVALID_ARGUMENT);
          assertThat(answer.fields())
              .as(path.toString())
              .anyMatch(field -> field.replaceAll("\\[\\d+]", "").equals(path.name()));
        }
      }
    }
  }

  /** The server overwrites these. */
  private static boolean isOutput(FieldPath path) {
    return path.name().endsWith(".rate");
  }

  private static boolean isOutsideMaps(FieldPath path) {
    return path.fields().subList(0, path.fields().size() - 1).stream()
        .noneMatch(FieldDescriptor::isMapField);
  }

  private static Struct nested(int depth) {
    Value value = Value.newBuilder().setBoolValue(true).build();
    for (int i = 1; i < depth; i++) {
      value = Value.newBuilder().setStructValue(Struct.newBuilder().putFields("k", value)).build();
    }
    return Struct.newBuilder().putFields("k", value).build();
  }

  private static Object number(FieldDescriptor field, long number) {
    return field.getJavaType() == FieldDescriptor.JavaType.INT
        ? (Object) (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number))
        : (Object) number;
  }

  private static void put(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      builder.addRepeatedField(field, value);
    } else {
      builder.setField(field, value);
    }
  }

  /** Fills a list or map with more elements than any field takes. */
  private static void fill(Message.Builder builder, FieldDescriptor field) {
    for (int i = 0; i < MANY; i++) {
      builder.addRepeatedField(
          field,
          switch (field.getJavaType()) {
            case STRING -> "a";
            case ENUM -> field.getEnumType().findValueByNumber(1);
            case MESSAGE -> element(builder, field, i);
            default -> throw new AssertionError("a list of numbers: say how to fill " + field);
          });
    }
  }

  private static Message element(Message.Builder builder, FieldDescriptor field, int number) {
    Message.Builder element = builder.newBuilderForField(field);
    if (field.isMapField()) {
      element.setField(field.getMessageType().findFieldByName("key"), "k" + number);
    }
    return element.build();
  }

  /** What a call ended with: its first response counts as OK, also if it goes on. */
  private record Answer(Code code, List<String> fields) {
    static final Answer OK = new Answer(Code.OK, List.of());

    static Answer of(com.google.rpc.Status status) {
      List<String> fields = new ArrayList<>();
      status.getDetailsList().stream()
          .filter(any -> any.is(BadRequest.class))
          .forEach(
              any -> {
                try {
                  any.unpack(BadRequest.class)
                      .getFieldViolationsList()
                      .forEach(violation -> fields.add(violation.getField()));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      return new Answer(Status.fromCodeValue(status.getCode()).getCode(), fields);
    }
  }

  /** Sends a request that is valid but for one field. */
  private Answer call(FieldPath path, BiConsumer<Message.Builder, FieldDescriptor> change) {
    Message.Builder request = valid(prototype(path.method()).toBuilder());
    setAt(request, path.fields(), change);
    return send(path.method(), request.build());
  }

  private void setAt(
      Message.Builder builder,
      List<FieldDescriptor> path,
      BiConsumer<Message.Builder, FieldDescriptor> change) {
    FieldDescriptor field = path.get(0);
    if (path.size() == 1) {
      change.accept(builder, field);
      return;
    }
    if (field.isRepeated()) {
      Message.Builder element = valid(builder.newBuilderForField(field));
      setAt(element, path.subList(1, path.size()), change);
      builder.addRepeatedField(field, element.build());
    } else {
      Message.Builder inner =
          builder.hasField(field)
              ? ((Message) builder.getField(field)).toBuilder()
              : valid(builder.newBuilderForField(field));
      setAt(inner, path.subList(1, path.size()), change);
      builder.setField(field, inner.build());
    }
  }

  /** Sets what a message cannot do without. */
  private Message.Builder valid(Message.Builder message) {
    Descriptor type = message.getDescriptorForType();
    switch (type.getName()) {
      case "CreateJobRequest" ->
          message.setField(
              type.findFieldByName("spec"), JobSpec.newBuilder().setType("created").build());
      case "StartTaskRequest" -> message.setField(type.findFieldByName("definition"), "t");
      case "ClaimJobsRequest" -> message.setField(type.findFieldByName("worker_id"), "w");
      case "Item", "SubOperation" -> message.setField(type.findFieldByName("id"), "i");
      case "LogEntry" ->
          message
              .setField(
                  type.findFieldByName("level"),
                  type.findFieldByName("level").getEnumType().findValueByNumber(2))
              .setField(type.findFieldByName("message"), "m");
      case "JobError" -> message.setField(type.findFieldByName("code"), "A");
      default -> hold(message, type);
    }
    return message;
  }

  /** Names a job, and the attempt that holds it, in requests that need them. */
  private void hold(Message.Builder request, Descriptor type) {
    FieldDescriptor jobId = type.findFieldByName("job_id");
    if (jobId != null && type.getName().endsWith("Request")) {
      HeldJob held = admin.start("held");
      request.setField(jobId, held.jobId());
      FieldDescriptor token = type.findFieldByName("attempt_token");
      if (token != null) {
        request.setField(token, held.token());
      }
    }
  }

  private <Q, A> Answer send(MethodDescriptor<Q, A> method, Message request) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    ClientCall<Q, A> call = admin.channel().newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<A>() {
          @Override
          public void onMessage(A response) {
            answer.complete(
                response instanceof ReportStreamResponse report && report.hasError()
                    ? Answer.of(report.getError())
                    : Answer.OK);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            answer.complete(
                status.isOk()
                    ? Answer.OK
                    : Answer.of(StatusProto.fromStatusAndTrailers(status, trailers)));
          }
        },
        new Metadata());
    call.request(2);
    if (request instanceof CreateJobsRequest part && !part.hasBatch()) {
      // Items follow the batch.
      CreateJobsRequest first =
          CreateJobsRequest.newBuilder()
              .setBatch(
                  CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("created")))
              .build();
      call.sendMessage(cast(first));
    }
    call.sendMessage(cast(request));
    call.halfClose();
    try {
      return answer.join();
    } finally {
      call.cancel("answered", null);
    }
  }

  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals"
  }) // The request was made from the prototype of its method.
  private static <Q> Q cast(Message request) {
    return (Q) request;
  }
}
