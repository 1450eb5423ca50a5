package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.ReportValidation;
import dev.milepost.v1.JobError;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/**
 * Tests that values and exceptions of any kind become messages that the server's own checks accept,
 * or are refused at once: nothing hangs, and no number or text changes without a word.
 */
class HostileValuesTest {
  private static void accepted(Report report) {
    FieldChecks checks = new FieldChecks();
    ReportValidation.report(checks, report);
    checks.orThrow();
  }

  private static void accepted(JobError error) {
    FieldChecks checks = new FieldChecks();
    ReportValidation.error(checks, error);
    checks.orThrow();
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  @SuppressWarnings("unchecked") // Erasure lets users pass maps with other keys.
  void aLogLineAcceptsAnyContextAndAnyCause(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Random random = new Random(seed);
    HostileValues values = new HostileValues(random);
    Map<Object, Object> context = values.map();
    List<LogEntry> lines =
        LogLines.of(
            LogLevel.LOG_LEVEL_INFO,
            values.text(),
            (Map<String, ?>) (Map<?, ?>) context,
            new HostileThrowables(random).throwable());
    Report report = Report.newBuilder().setReportSeq(1).addAllLogs(lines).build();
    accepted(report);
    assertThat(Report.parseFrom(report.toByteString())).isEqualTo(report);
    assertThat(lines.get(0).getContext().getFieldsMap()).containsKey("exception");
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void anyExceptionBecomesAJobError(@ForAll long seed) throws InvalidProtocolBufferException {
    Throwable thrown = new HostileThrowables(new Random(seed)).throwable();
    JobError error = JobErrors.of(thrown);
    accepted(error);
    assertThat(JobError.parseFrom(error.toByteString())).isEqualTo(error);
    assertThat(error.getStackTrace().codePointCount(0, error.getStackTrace().length()))
        .isLessThanOrEqualTo(16_384);
    assertThat(ThrowableText.causes(thrown)).hasSizeLessThanOrEqualTo(32);
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void aStrictMapSurvivesUnchangedOrIsRefused(@ForAll long seed)
      throws InvalidProtocolBufferException {
    Map<Object, Object> map = new HostileValues(new Random(seed)).map();
    Struct struct;
    try {
      struct = Structs.strict(map);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s)(the map|the value of ).+");
      return;
    } catch (Error e) {
      return; // Thrown by a value's own method: the true cause.
    }
    Struct parsed = Struct.parseFrom(struct.toByteString());
    assertThat(parsed).isEqualTo(struct);
    assertThat(Structs.map(parsed)).hasSameSizeAs(map);
    assertThat(Structs.strict(Structs.map(parsed))).isEqualTo(struct);
  }

  @Property(tries = 500)
  void aNumberIsEncodedExactlyOrRefused(@ForAll("numbers") Number number) {
    Double encoded = Numbers.exactDouble(number);
    if (encoded != null) {
      assertThat(BigDecimal.valueOf(encoded)).isEqualByComparingTo(number.toString());
    }
    Long whole = Numbers.exactLong(number);
    if (whole != null) {
      assertThat(new BigDecimal(number.toString())).isEqualByComparingTo(BigDecimal.valueOf(whole));
    }
  }

  @Provide
  Arbitrary<Number> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(number -> (Number) number),
        Arbitraries.longs()
            .between(Numbers.MAX_WHOLE - 3, Numbers.MAX_WHOLE + 3)
            .map(number -> (Number) number),
        Arbitraries.bigIntegers().map(number -> (Number) number),
        Arbitraries.doubles().map(number -> (Number) number),
        Arbitraries.bigDecimals().ofScale(20).map(number -> (Number) number));
  }

  @Test
  void numbersThatADoubleCannotHoldAreRefused() {
    List<Number> refused =
        List.of(
            9_007_199_254_740_993L,
            -9_007_199_254_740_993L,
            9_007_199_254_740_994L,
            Long.MIN_VALUE,
            new BigInteger("9007199254740993"),
            new BigDecimal("9007199254740993"),
            new BigDecimal("0.12345678901234567"),
            new BigDecimal("1E+400"),
            new AtomicLong(9_007_199_254_740_993L),
            Float.NaN);
    assertThat(refused)
        .allSatisfy(
            number ->
                assertThatThrownBy(() -> Structs.strict(Map.of("ids", List.of(1, number))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ids[1] is the number " + number));
    Map<String, Number> kept =
        Map.of("a", new BigDecimal("0.1"), "b", new AtomicLong(7), "c", -0.0, "d", 1L << 53);
    assertThat(Structs.map(Structs.strict(kept)))
        .isEqualTo(Map.of("a", 0.1, "b", 7L, "c", -0.0, "d", 1L << 53));
  }

  @Test
  void keysThatAreOneAsTextDoNotReplaceEachOther() {
    Map<Object, String> map = new HashMap<>(Map.of(1, "number", "1", "text"));
    assertThatThrownBy(() -> Structs.strict(map)).hasMessageContaining("two keys");
    map.put(null, "null");
    assertThatThrownBy(() -> Structs.strict(map)).isInstanceOf(IllegalArgumentException.class);
    assertThat(Structs.lenient(map, 1_000, "cut").getFieldsCount()).isEqualTo(3);
  }

  @Test
  void aRefusedValueIsNamedWithItsPath() {
    assertThatThrownBy(
            () -> Structs.strict(Map.of("user", Map.of("tags", List.of("a", new Object())))))
        .hasMessageContaining("the value of user.tags[1] is of java.lang.Object");
    assertThatThrownBy(() -> Structs.strict(HostileValues.nested(30)))
        .hasMessageContaining("at most 30 maps and lists");
    assertThat(Structs.strict(HostileValues.nested(29)).getFieldsCount()).isEqualTo(1);
  }

  @Test
  void detailsWithNullDoNotHideTheFailure() {
    Map<String, Object> details = new HashMap<>();
    details.put("row", null);
    JobError error = JobErrors.of(new JobFailure("BAD_INPUT", "m", false, details, null));
    assertThat(error.getCode()).isEqualTo("BAD_INPUT");
    assertThat(error.getRetryable()).isFalse();
    assertThat(error.getDetails().getFieldsMap()).containsOnlyKeys("row");
  }

  @Test
  void detailsThatAreTooLargeAreCutVisibly() {
    Map<String, Object> details = Map.of("rows", new ArrayList<>(List.of("x".repeat(20_000))));
    JobError error = JobErrors.of(new JobFailure("BAD", "m", true, details, null));
    accepted(error);
    assertThat(error.getDetails().getFieldsMap()).containsOnlyKeys("rows", "details_cut");
    assertThat(error.getDetails().getSerializedSize()).isGreaterThan(15_000);
  }

  @Test
  void theRootCauseOfALongTraceIsKept() {
    Exception cause = new IOException("the root");
    cause.setStackTrace(frames(900));
    for (int i = 0; i < 8; i++) {
      cause = new IllegalStateException("level " + i, cause);
      cause.setStackTrace(frames(900 + i));
    }
    assertThat(JobErrors.of(cause).getStackTrace()).contains("IOException: the root");
  }

  private static StackTraceElement[] frames(int count) {
    StackTraceElement[] frames = new StackTraceElement[count];
    for (int i = 0; i < count; i++) {
      frames[i] = new StackTraceElement("com.example.Type" + count, "method" + i, "Type.java", i);
    }
    return frames;
  }

  @Test
  void anOrdinaryTraceIsAsJavaPrintsIt() {
    Exception thrown = new IllegalStateException("outer", new IOException("inner"));
    thrown.addSuppressed(new IllegalArgumentException("beside"));
    java.io.StringWriter printed = new java.io.StringWriter();
    thrown.printStackTrace(new java.io.PrintWriter(printed));
    assertThat(ThrowableText.trace(thrown, 1_000_000))
        .isEqualTo(printed.toString().replace(System.lineSeparator(), "\n"));
  }

  @Test
  void aHugeMessageIsBounded() {
    List<LogEntry> lines =
        LogLines.of(LogLevel.LOG_LEVEL_INFO, "x".repeat(3_000_000), Map.of(), null);
    assertThat(lines).hasSize(64);
    assertThat(lines.get(63).getMessage()).endsWith("…");
  }
}
