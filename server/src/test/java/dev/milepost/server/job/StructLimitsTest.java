package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RecordProto;
import dev.milepost.v1.AdminServiceProto;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobServiceProto;
import dev.milepost.v1.ListTasksResponse;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.TaskServiceProto;
import dev.milepost.v1.WorkerServiceProto;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each struct of a request may contain, and that every message can still be parsed. */
class StructLimitsTest {
  /** The default of every protobuf parser. */
  private static final int PARSER_LEVELS = 100;

  private static final Value LEAF = Value.newBuilder().setBoolValue(true).build();
  private static final int MAX = StructLimits.MAX_DEPTH;

  /** Each field of a request that holds a struct, and how it is checked. */
  static Stream<Arguments> fields() {
    return Stream.of(
        field("spec.params", (v, s) -> SpecValidation.spec(v, JobLife.spec().setParams(s).build())),
        field(
            "spec.metadata",
            (v, s) -> SpecValidation.mutable(v, JobLife.spec().setMetadata(s).build())),
        field("result", ReportValidation::result),
        field(
            "error.details",
            (v, s) ->
                ReportValidation.error(
                    v, JobError.newBuilder().setCode("A").setDetails(s).build())),
        field(
            "report.checkpoint",
            (v, s) -> ReportValidation.report(v, Report.newBuilder().setCheckpoint(s).build())),
        field(
            "report.logs[0].context",
            (v, s) -> ReportValidation.report(v, Report.newBuilder().addLogs(line(s)).build())),
        field(
            "report.items[0].data",
            (v, s) -> ReportValidation.report(v, Report.newBuilder().addItems(item(s)).build())),
        field("items[0].data", (v, s) -> JobValidation.items(v, "items", List.of(item(s)))));
  }

  private static Arguments field(String path, BiConsumer<FieldChecks, Struct> check) {
    return Arguments.of(path, check);
  }

  private static LogEntry line(Struct context) {
    return LogEntry.newBuilder()
        .setLevel(LogLevel.LOG_LEVEL_INFO)
        .setMessage("m")
        .setContext(context)
        .build();
  }

  private static Item item(Struct data) {
    return Item.newBuilder().setId("i").setData(data).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void mapsAndListsAreCounted(String path, BiConsumer<FieldChecks, Struct> check) {
    for (UnaryOperator<Value> wrap :
        List.<UnaryOperator<Value>>of(
            StructLimitsTest::inMap, StructLimitsTest::inList, StructLimitsTest::inBoth)) {
      IntStream.rangeClosed(1, MAX)
          .forEach(
              depth ->
                  assertThatCode(() -> run(check, deep(depth, wrap))).doesNotThrowAnyException());
      IntStream.rangeClosed(MAX + 1, 110)
          .forEach(depth -> assertRefused(path, "30 levels deep", check, deep(depth, wrap)));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void whatJsonCannotSayIsRefused(String path, BiConsumer<FieldChecks, Struct> check) {
    for (double number :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      Value value = Value.newBuilder().setNumberValue(number).build();
      assertRefused(path, "finite", check, of(value));
      assertRefused(path, "finite", check, of(inMap(inList(value))));
    }
    assertRefused(path, "without a kind", check, of(Value.getDefaultInstance()));
    assertRefused(path, "without a kind", check, of(inList(Value.getDefaultInstance())));
    assertRefused(path, "null_value", check, of(Value.newBuilder().setNullValueValue(1).build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fields")
  void everythingElsePasses(String path, BiConsumer<FieldChecks, Struct> check) {
    for (double number :
        new double[] {
          -0.0, Double.MIN_VALUE, -Double.MAX_VALUE, Double.MAX_VALUE, 9_007_199_254_740_992.0
        }) {
      assertThatCode(() -> run(check, of(Value.newBuilder().setNumberValue(number).build())))
          .doesNotThrowAnyException();
    }
    Struct others =
        Struct.newBuilder()
            .putFields("", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
            .putFields(
                "nul", Value.newBuilder().setStringValue("\0\u001f\u007f\ud83d\ude00").build())
            .putFields(
                "map", Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build())
            .build();
    assertThatCode(() -> run(check, others)).doesNotThrowAnyException();
  }

  @Test
  void theDeepestStructOfEveryMessageCanBeParsed() {
    for (FileDescriptor file :
        List.of(
            JobServiceProto.getDescriptor(),
            WorkerServiceProto.getDescriptor(),
            TaskServiceProto.getDescriptor(),
            AdminServiceProto.getDescriptor(),
            RecordProto.getDescriptor())) {
      for (Descriptor message : file.getMessageTypes()) {
        int levels = levelsTo(message);
        // A map is a struct, an entry and a value; the value of the last map is the last level.
        int whole = levels + 2 + 3 * (MAX - 1);
        assertThat(levels < 0 ? 0 : whole).as(message.getName()).isLessThan(PARSER_LEVELS);
      }
    }
  }

  @Test
  void theDeepestMessagesAreParsed() throws InvalidProtocolBufferException {
    Struct deepest = deep(MAX, StructLimitsTest::inMap);
    ListTasksResponse.Builder tasks = ListTasksResponse.newBuilder();
    tasks
        .addTasksBuilder()
        .getJobBuilder()
        .getStatusBuilder()
        .getErrorBuilder()
        .setDetails(deepest);
    assertThat(ListTasksResponse.parseFrom(tasks.build().toByteArray())).isEqualTo(tasks.build());
    JobRecord.Builder record = JobRecord.newBuilder();
    record.getParentRecordBuilder().addStepsBuilder().getSpecBuilder().setParams(deepest);
    assertThat(JobRecord.parseFrom(record.build().toByteArray())).isEqualTo(record.build());
  }

  /** Returns the number of levels from a message to the deepest struct in it; negative: none. */
  private static int levelsTo(Descriptor message) {
    if (message.getFullName().equals(Struct.getDescriptor().getFullName())) {
      return 0;
    }
    return message.getFields().stream()
        .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
        .mapToInt(field -> levelsTo(field.getMessageType()))
        .filter(levels -> levels >= 0)
        .map(levels -> levels + 1)
        .max()
        .orElse(-1);
  }

  private static void run(BiConsumer<FieldChecks, Struct> check, Struct struct) {
    FieldChecks violations = new FieldChecks();
    check.accept(violations, struct);
    violations.orThrow();
  }

  private static void assertRefused(
      String path, String rule, BiConsumer<FieldChecks, Struct> check, Struct struct) {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> run(check, struct))
        .satisfies(
            refusal -> {
              assertThat(refusal.violations()).hasSize(1);
              assertThat(refusal.violations().get(0).field()).isEqualTo(path);
              assertThat(refusal.violations().get(0).description()).contains(rule);
            });
  }

  /** Returns a struct of so many maps and lists in one another. */
  private static Struct deep(int depth, UnaryOperator<Value> wrap) {
    Value value = LEAF;
    for (int i = 1; i < depth; i++) {
      value = wrap.apply(value);
    }
    return of(value);
  }

  private static Struct of(Value value) {
    return Struct.newBuilder().putFields("k", value).build();
  }

  private static Value inMap(Value value) {
    return Value.newBuilder().setStructValue(of(value)).build();
  }

  private static Value inList(Value value) {
    return Value.newBuilder().setListValue(ListValue.newBuilder().addValues(value)).build();
  }

  /** A list in a map and so on, in turn. */
  private static Value inBoth(Value value) {
    return value.hasListValue() ? inMap(value) : inList(value);
  }
}
