package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.ReportValidation;
import dev.milepost.server.job.SpecValidation;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobError;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import dev.milepost.v1.SubOperation;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares the limits of the client with the server's rules: what has exactly that size is
 * accepted, and one more is refused.
 */
class JobLimitsTest {
  /** For each constant, has the server check something of a size. */
  private static final Map<String, BiConsumer<FieldChecks, Integer>> CHECKS = new TreeMap<>();

  static {
    spec("MAX_PARAMS_BYTES", (spec, n) -> spec.setParams(struct(n)));
    spec("MAX_METADATA_BYTES", (spec, n) -> spec.setMetadata(struct(n)));
    spec("MAX_TYPE_CHARS", (spec, n) -> spec.setType("t".repeat(n)));
    spec("MAX_DISPLAY_NAME_CHARS", (spec, n) -> spec.setDisplayName(text(n)));
    spec("MAX_LABELS", (spec, n) -> spec.putAllLabels(labels(n)));
    spec("MAX_LABEL_KEY_CHARS", (spec, n) -> spec.putLabels(text(n), ""));
    spec("MAX_LABEL_VALUE_CHARS", (spec, n) -> spec.putLabels("key", text(n)));
    spec("MAX_PRIORITY", (spec, n) -> spec.setPriority(n));
    spec("MAX_RETRIES", (spec, n) -> spec.setMaxRetries(n));
    spec("MAX_DEPTH", (spec, n) -> spec.setParams(deep(n)));
    report("MAX_CHECKPOINT_BYTES", (report, n) -> report.setCheckpoint(struct(n)));
    report("MAX_ITEMS", (report, n) -> report.addAllItems(items(n)));
    report("MAX_ITEM_ID_CHARS", (report, n) -> report.addItems(item().setId(text(n))));
    report("MAX_ITEM_MESSAGE_CHARS", (report, n) -> report.addItems(item().setMessage(text(n))));
    report("MAX_ITEM_DATA_BYTES", (report, n) -> report.addItems(item().setData(struct(n))));
    report("MAX_LOG_MESSAGE_CHARS", (report, n) -> report.addLogs(line().setMessage(text(n))));
    report("MAX_LOG_CONTEXT_BYTES", (report, n) -> report.addLogs(line().setContext(struct(n))));
    report("MAX_STAGE_CHARS", (report, n) -> report.setStage(Stage.newBuilder().setName(text(n))));
    report(
        "MAX_STAGE_DETAIL_CHARS",
        (report, n) -> report.setStage(Stage.newBuilder().setDetail(text(n))));
    report(
        "MAX_UNIT_CHARS",
        (report, n) -> report.setProgress(Progress.newBuilder().setUnit(text(n))));
    report(
        "MAX_PROGRESS_MESSAGE_CHARS",
        (report, n) -> report.setProgress(Progress.newBuilder().setMessage(text(n))));
    report(
        "MAX_SUB_OPERATIONS",
        (report, n) ->
            report.setProgress(
                Progress.newBuilder()
                    .addAllSubOperations(
                        numbers(n)
                            .map(id -> SubOperation.newBuilder().setId(id).build())
                            .toList())));
    report("MAX_COUNTERS", (report, n) -> report.putAllOutcomeValues(counters(n)));
    report("MAX_COUNTER_CHARS", (report, n) -> report.putOutcomeValues(text(n), 1));
    CHECKS.put("MAX_RESULT_BYTES", (checks, n) -> ReportValidation.result(checks, struct(n)));
    CHECKS.put(
        "MAX_ERROR_DETAILS_BYTES",
        (checks, n) ->
            ReportValidation.error(
                checks, JobError.newBuilder().setCode("E").setDetails(struct(n)).build()));
  }

  private static void spec(
      String limit, BiConsumer<dev.milepost.v1.JobSpec.Builder, Integer> change) {
    CHECKS.put(
        limit,
        (checks, n) -> {
          dev.milepost.v1.JobSpec.Builder spec = dev.milepost.v1.JobSpec.newBuilder().setType("t");
          change.accept(spec, n);
          SpecValidation.spec(checks, spec.build());
        });
  }

  private static void report(String limit, BiConsumer<Report.Builder, Integer> change) {
    CHECKS.put(
        limit,
        (checks, n) -> {
          Report.Builder report = Report.newBuilder();
          change.accept(report, n);
          ReportValidation.report(checks, report.build());
        });
  }

  /** A text of code points that are two characters of Java each. */
  private static String text(int codePoints) {
    return "\uD83D\uDE80".repeat(codePoints);
  }

  private static Stream<String> numbers(int n) {
    return IntStream.range(0, n).mapToObj(i -> "n" + i);
  }

  private static Map<String, String> labels(int n) {
    return numbers(n).collect(Collectors.toMap(key -> key, key -> ""));
  }

  private static Map<String, Long> counters(int n) {
    return numbers(n).collect(Collectors.toMap(key -> key, key -> 1L));
  }

  private static List<Item> items(int n) {
    return numbers(n).map(id -> Item.newBuilder().setId(id).build()).toList();
  }

  private static Item.Builder item() {
    return Item.newBuilder().setId("i");
  }

  private static LogEntry.Builder line() {
    return LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage("m");
  }

  /** A struct of exactly that size. */
  private static Struct struct(int bytes) {
    for (int length = bytes - 20; length < bytes; length++) {
      Struct struct =
          Struct.newBuilder()
              .putFields("k", Value.newBuilder().setStringValue("x".repeat(length)).build())
              .build();
      if (struct.getSerializedSize() == bytes) {
        return struct;
      }
    }
    throw new AssertionError("no struct of " + bytes + " bytes");
  }

  /** A struct of that many levels. */
  private static Struct deep(int levels) {
    Struct struct = Struct.getDefaultInstance();
    for (int i = 1; i < levels; i++) {
      struct =
          Struct.newBuilder()
              .putFields("k", Value.newBuilder().setStructValue(struct).build())
              .build();
    }
    return struct;
  }

  @TestFactory
  Stream<DynamicTest> theServerAcceptsTheLimitAndRefusesOneMore() {
    return CHECKS.entrySet().stream()
        .map(
            limit ->
                DynamicTest.dynamicTest(
                    limit.getKey(),
                    () -> {
                      int max = JobLimits.class.getField(limit.getKey()).getInt(null);
                      check(limit.getValue(), max);
                      assertThatThrownBy(() -> check(limit.getValue(), max + 1))
                          .isInstanceOf(Refusal.InvalidArgument.class);
                    }));
  }

  private static void check(BiConsumer<FieldChecks, Integer> check, int size) {
    FieldChecks checks = new FieldChecks();
    check.accept(checks, size);
    checks.orThrow();
  }

  @Test
  void everyLimitIsCompared() {
    assertThat(Arrays.stream(JobLimits.class.getFields()).map(Field::getName))
        .containsExactlyInAnyOrderElementsOf(CHECKS.keySet());
  }

  @Test
  void aPayloadIsMeasuredAsTheServerDoes() {
    Map<String, String> fits = Map.of("k", "x".repeat(JobLimits.MAX_PARAMS_BYTES - 100));
    assertThat(Payloads.bytes(fits))
        .isEqualTo(JobSpec.of("t").params(fits).toProto().getParams().getSerializedSize());
    assertThat(Payloads.check("params", fits, JobLimits.MAX_PARAMS_BYTES)).isSameAs(fits);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Payloads.check("params", fits, JobLimits.MAX_RESULT_BYTES))
        .withMessageContaining("the params are " + Payloads.bytes(fits) + " bytes")
        .withMessageContaining("at most 65536");
  }

  @Test
  void aListIsDividedIntoAsFewChunksAsFit() {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      paths.add("/data/" + "x".repeat(i % 150) + i);
    }
    int max = 10_000;

    List<Map<String, List<String>>> chunks = Payloads.chunks("paths", paths, max);

    assertThat(chunks.stream().flatMap(chunk -> chunk.get("paths").stream())).isEqualTo(paths);
    for (int i = 0; i < chunks.size(); i++) {
      List<String> chunk = chunks.get(i).get("paths");
      assertThat(Payloads.bytes(chunks.get(i))).isLessThanOrEqualTo(max);
      if (i + 1 < chunks.size()) {
        List<String> more = new ArrayList<>(chunk);
        more.add(chunks.get(i + 1).get("paths").get(0));
        assertThat(Payloads.bytes(Map.of("paths", more))).isGreaterThan(max);
      }
    }
    assertThat(Payloads.chunks("paths", List.of(), max)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Payloads.chunks("paths", List.of("x".repeat(max)), max))
        .withMessageContaining("an element of paths alone takes");
  }
}
