package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.ReportValidation;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import dev.milepost.v1.SubOperation;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Tests that one bad value in a report costs that value alone, by the server's own checks. */
class ReportRepairTest {
  private static final Struct BAD_STRUCT =
      Struct.newBuilder()
          .putFields("x", Value.newBuilder().setNumberValue(Double.NaN).build())
          .build();

  private static List<InvalidRequestException.Violation> violations(Report report) {
    FieldChecks checks = new FieldChecks();
    ReportValidation.report(checks, report);
    try {
      checks.orThrow();
      return List.of();
    } catch (Refusal.InvalidArgument e) {
      return e.violations().stream()
          .map(v -> new InvalidRequestException.Violation(v.field(), v.description()))
          .toList();
    }
  }

  private static Report repaired(Report report) {
    Report current = report;
    for (int i = 0; i < 200; i++) {
      List<InvalidRequestException.Violation> violations = violations(current);
      if (violations.isEmpty()) {
        return current;
      }
      current = ReportRepair.without(current, violations, "invalid");
    }
    throw new AssertionError("still invalid: " + violations(current));
  }

  private static LogEntry line(String text) {
    return LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage(text).build();
  }

  private static Item item(String id) {
    return Item.newBuilder().setId(id).setState(ItemState.ITEM_STATE_DONE).setMessage("m").build();
  }

  @Test
  void eachBadValueIsLeftOutAlone() {
    Report bad =
        Report.newBuilder()
            .setReportSeq(7)
            .setProgress(
                Progress.newBuilder()
                    .setCurrent(5)
                    .setTotal(-1)
                    .addSubOperations(SubOperation.newBuilder().setId("a").setFraction(0.5))
                    .addSubOperations(SubOperation.newBuilder().setId("").setFraction(0.5))
                    .addSubOperations(SubOperation.newBuilder().setId("c").setFraction(7)))
            .setStage(Stage.newBuilder().setName("s").setDetail("d".repeat(2_000)))
            .addLogs(line("first"))
            .addLogs(line("").toBuilder().setContext(Struct.getDefaultInstance()))
            .addLogs(line("third").toBuilder().setContext(BAD_STRUCT))
            .addItems(item("a"))
            .addItems(item("x".repeat(300)))
            .addItems(item("c").toBuilder().setData(BAD_STRUCT))
            .putOutcomeIncrements("good", 1)
            .putOutcomeIncrements("bad\0", 2)
            .putOutcomeValues("kept", 3)
            .setCheckpoint(BAD_STRUCT)
            .build();

    Report repaired = repaired(bad);

    assertThat(repaired.getReportSeq()).isEqualTo(7);
    assertThat(repaired.getProgress().getCurrent()).isEqualTo(5);
    assertThat(repaired.getProgress().hasTotal()).isFalse();
    assertThat(repaired.getProgress().getSubOperationsList())
        .extracting(SubOperation::getId)
        .containsExactly("a", "c");
    assertThat(repaired.getStage()).isEqualTo(Stage.newBuilder().setName("s").build());
    assertThat(repaired.getItemsList()).containsExactly(item("a"), item("c")); // Without its data.
    assertThat(repaired.getOutcomeIncrementsMap()).isEqualTo(Map.of("good", 1L));
    assertThat(repaired.getOutcomeValuesMap()).isEqualTo(Map.of("kept", 3L));
    assertThat(repaired.hasCheckpoint()).isFalse();
    assertThat(repaired.getLogsList())
        .extracting(LogEntry::getMessage)
        .startsWith("first", "third")
        .hasSize(3);
    assertThat(repaired.getLogs(2).getLevel()).isEqualTo(LogLevel.LOG_LEVEL_ERROR);
    assertThat(repaired.getLogs(2).getMessage())
        .contains("report.items[1].id must be 1 to 256 characters");
  }

  @Test
  void aFullReportHasRoomForTheLineThatTells() {
    Report.Builder bad = Report.newBuilder().setReportSeq(1);
    for (int i = 0; i < 999; i++) {
      bad.addLogs(i < 100 ? line("x").toBuilder().setContext(BAD_STRUCT).build() : line("y"));
    }
    assertThat(repaired(bad.build()).getLogsList())
        .hasSize(1_000)
        .filteredOn(line -> line.getLevel() == LogLevel.LOG_LEVEL_ERROR)
        .hasSize(1);
  }

  @Test
  void unknownViolationsEmptyTheReport() {
    Report report = Report.newBuilder().setReportSeq(3).putOutcomeValues("a", 1).build();
    Report repaired = ReportRepair.without(report, List.of(), "no reason");
    assertThat(repaired.getOutcomeValuesMap()).isEmpty();
    assertThat(repaired.getReportSeq()).isEqualTo(3);
    assertThat(repaired.getLogs(0).getMessage()).endsWith("no reason");
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void whatIsGoodSurvives(@ForAll long seed) {
    Random random = new Random(seed);
    Report.Builder report = Report.newBuilder().setReportSeq(1);
    int goodItems = 0;
    int goodLines = 0;
    for (int i = 0; i < 60; i++) {
      boolean isGood = random.nextInt(3) > 0;
      goodItems += isGood ? 1 : 0;
      report.addItems(isGood ? item("item " + i) : item(""));
      boolean isGoodLine = random.nextInt(3) > 0;
      goodLines += isGoodLine ? 1 : 0;
      report.addLogs(isGoodLine ? line("line " + i) : line("x".repeat(20_000)));
    }
    Report repaired = repaired(report.build());
    assertThat(repaired.getItemsCount()).isEqualTo(goodItems);
    assertThat(repaired.getLogsList())
        .filteredOn(line -> line.getMessage().startsWith("line "))
        .hasSize(goodLines);
  }
}
