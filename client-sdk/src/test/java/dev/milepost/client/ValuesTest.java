package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Webhook;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests small values: specs, parameters, texts, errors. */
class ValuesTest {
  @Test
  void mapsSurviveTheRoundTrip() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "t");
    map.put("whole", 9_007_199_254_740_992L);
    map.put("part", 0.5);
    map.put("yes", true);
    map.put("nothing", null);
    map.put("list", Arrays.asList(1L, null, "x"));
    map.put("map", Map.of("a", List.of(2L)));
    assertThat(Structs.map(Structs.strict(map))).isEqualTo(map);
  }

  @Test
  void rejectsValuesThatWouldNotSurviveTheRoundTrip() {
    assertThatThrownBy(() -> Structs.strict(Map.of("a", new Object())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Structs.strict(Map.of("a", Long.MAX_VALUE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Structs.strict(Map.of("a", Double.NaN)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void contextsAcceptAnyValue() {
    Map<String, Object> endless = new LinkedHashMap<>();
    endless.put("path", Path.of("a", "b"));
    endless.put("big", Long.MAX_VALUE);
    endless.put("self", new Object[] {Double.POSITIVE_INFINITY});
    assertThat(Structs.map(Structs.lenient(endless, 16_384, "cut")))
        .containsEntry("path", Path.of("a", "b").toString())
        .containsEntry("big", "9223372036854775807")
        .containsEntry("self", List.of("Infinity"));
  }

  @Test
  void paramsHaveTypedGetters() {
    JobParams params =
        JobParams.of(Structs.strict(Map.of("n", 3, "d", 1.5, "s", "x", "l", List.of(1))));
    assertThat(params.getLong("n")).isEqualTo(3);
    assertThat(params.getDouble("n")).isEqualTo(3.0);
    assertThat(params.getDouble("d")).isEqualTo(1.5);
    assertThat(params.getString("none", "else")).isEqualTo("else");
    assertThat(params.getBoolean("none", true)).isTrue();
    assertThat(params.getList("l")).containsExactly(1L);
    assertThat(params.getMap("none")).isEmpty();
    assertThat(params.get("s")).isEqualTo("x");
    assertThatThrownBy(() -> params.getLong("s"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("s is not a Long");
    assertThatThrownBy(() -> params.getLong("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing");
    assertThatThrownBy(params::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void changingASpecCreatesACopy() {
    JobSpec plain = JobSpec.of("t");
    JobSpec full =
        plain
            .displayName("d")
            .project("p")
            .priority(7)
            .label("a", "b")
            .maxRetries(1)
            .attemptTimeout(Duration.ofMinutes(1))
            .lease(Duration.ofMillis(1_500))
            .notBefore(Instant.ofEpochSecond(5))
            .webhook("https://a.example", "hush", JobState.JOB_STATE_FAILED);
    assertThat(plain).isEqualTo(JobSpec.of("t"));
    assertThat(full.toProto().getTimeouts().getLease())
        .isEqualTo(
            com.google.protobuf.Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(full.toProto().getTimeouts().getAttempt())
        .isEqualTo(com.google.protobuf.Duration.newBuilder().setSeconds(60).build());
    assertThat(JobSpec.fromProto(full.toProto())).isEqualTo(full);
    assertThat(full.toProto().getNotBeforeTime().getSeconds()).isEqualTo(5);
    assertThat(full.toProto().getWebhook())
        .isEqualTo(
            Webhook.newBuilder()
                .setUrl("https://a.example")
                .setSecret("hush")
                .addStates(JobState.JOB_STATE_FAILED)
                .build());
  }

  @Test
  void cutsTextsBetweenCharacters() {
    assertThat(Texts.cut("abcdef", 4)).isEqualTo("abc…");
    assertThat(Texts.cut("ab", 2)).isEqualTo("ab");
    assertThat(Texts.cut("a😀b", 3)).isEqualTo("a😀b");
    assertThat(Texts.cut("a😀bc", 3)).isEqualTo("a😀…");
    assertThat(Texts.line("a\0b\n", 4)).isEqualTo("a b ");
    assertThat(Texts.split("a😀b", 2)).containsExactly("a😀", "b");
    assertThat(String.join("", Texts.split("x".repeat(10), 4))).isEqualTo("x".repeat(10));
  }

  @Test
  void idsAreNotChangedButRefused() {
    assertThat(Texts.id("a b", 3)).isEqualTo("a b");
    for (String bad : List.of("", "abcd", "a\0", "a\n")) {
      assertThatThrownBy(() -> Texts.id(bad, 3)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sumsStopAtTheirLimits() {
    assertThat(Saturated.add(1, -2)).isEqualTo(-1);
    assertThat(Saturated.add(Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(Saturated.add(-2, Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void splitsLongLinesAndTruncatesLargeContexts() {
    List<LogEntry> lines =
        LogLines.of(
            LogLevel.LOG_LEVEL_INFO,
            "m".repeat(20_000),
            Map.of("k", "€".repeat(10_000)),
            new IOException("e".repeat(5_000)));
    assertThat(lines).extracting(line -> line.getMessage().length()).containsExactly(16_384, 3_616);
    assertThat(lines.get(0).getContext().getSerializedSize()).isLessThanOrEqualTo(16_384);
    assertThat(Structs.map(lines.get(0).getContext())).containsKeys("context_cut", "exception");
    assertThat(lines.get(1).hasContext()).isFalse();
  }

  @Test
  void derivesErrorCodesFromExceptions() {
    assertThat(JobErrors.of(new IllegalStateException()).getCode()).isEqualTo("ILLEGAL_STATE");
    assertThat(JobErrors.of(new IOException("x")).getCode()).isEqualTo("IO");
    assertThat(JobErrors.of(new OutOfMemoryError()).getCode()).isEqualTo("OUT_OF_MEMORY");
    assertThat(JobErrors.of(new Exception() {}).getCode()).isEqualTo("E");
    assertThat(JobErrors.of(new Exception("plain")).getCode()).isEqualTo("EXCEPTION");
    assertThat(JobErrors.of(new IllegalStateException()).getMessage())
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(JobErrors.of(new JobFailure("9 lives", "m", true)).getCode()).isEqualTo("E9_LIVES");
  }

  @Test
  void exceptionsDetermineWhetherAJobIsRetried() {
    class Hopeless extends RuntimeException implements NonRetryable {
      private static final long serialVersionUID = 1;
    }
    assertThat(JobErrors.of(new IOException()).getRetryable()).isTrue();
    assertThat(JobErrors.of(new Hopeless()).getRetryable()).isFalse();
    JobError error = JobErrors.of(new JobFailure("C", "m", false, Map.of("row", 7), null));
    assertThat(error.getRetryable()).isFalse();
    assertThat(Structs.map(error.getDetails())).isEqualTo(Map.of("row", 7L));
  }

  @Test
  void delaysGrowAreRandomAndHonorTheServersMinimum() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    ServerError plain = ServerError.of(io.grpc.Status.UNAVAILABLE.asException());
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.next(plain))
          .isBetween(Duration.ZERO, Duration.ofMillis(Math.min(1_000, 100L << Math.min(i, 10))));
    }
    com.google.rpc.Status asked =
        com.google.rpc.Status.newBuilder()
            .setCode(14)
            .addDetails(
                com.google.protobuf.Any.pack(
                    com.google.rpc.RetryInfo.newBuilder()
                        .setRetryDelay(Times.duration(Duration.ofSeconds(7)))
                        .build()))
            .build();
    assertThat(backoff.next(ServerError.of(asked)))
        .isBetween(Duration.ofSeconds(7), Duration.ofSeconds(8));
  }

  @Test
  void aConnectionThatBreaksDuringACallMeansUnavailable() {
    io.grpc.Status unknown = io.grpc.Status.UNKNOWN.withDescription("channel closed");
    assertThat(
            ServerError.of(
                    unknown.withCause(new java.nio.channels.ClosedChannelException()).asException())
                .code())
        .isEqualTo(io.grpc.Status.Code.UNAVAILABLE);
    assertThat(ServerError.of(unknown.asException()).code()).isEqualTo(io.grpc.Status.Code.UNKNOWN);
    assertThat(ServerError.of(new IllegalStateException("of the program")).code())
        .isEqualTo(io.grpc.Status.Code.UNKNOWN);
  }

  @Test
  void updatesListTheChangedFields() {
    var request = JobUpdate.none().priority(3).labels(Map.of()).priority(4).toRequest("id");
    assertThat(request.getUpdateMask().getPathsList()).containsExactly("priority", "labels");
    assertThat(request.getSpec().getPriority()).isEqualTo(4);
  }
}
