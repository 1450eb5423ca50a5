package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.Stage;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.Webhook;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each limit: values at the limit pass, values beyond it are refused with field and limit. */
class JobValidationTest {
  private static final int UNKNOWN = 99;
  private static final long YEAR = 366L * 24 * 3600;
  private static final long DAY = 24 * 3600;

  /** A name, what passes, what does not, the refused field and its message. */
  static Stream<Arguments> limits() {
    List<Arguments> all = new ArrayList<>();
    all.addAll(specLimits());
    all.addAll(reportLimits());
    all.addAll(otherLimits());
    all.addAll(characters());
    return all.stream();
  }

  private static List<Arguments> specLimits() {
    return List.of(
        spec("spec.type", "128", s -> s.setType(chars(128)), s -> s.setType(chars(129))),
        spec("spec.type", "1 to", s -> s.setType("a"), s -> s.setType("")),
        spec("spec.type", "starting", s -> s.setType("9a._:/-"), s -> s.setType("-a")),
        spec("spec.type", "from A-Z", s -> s.setType("a/b"), s -> s.setType("a b")),
        spec("spec.type", "from A-Z", s -> s.setType("a"), s -> s.setType("a\n")),
        spec(
            "spec.display_name",
            "256",
            s -> s.setDisplayName(chars(256)),
            s -> s.setDisplayName(chars(257))),
        spec(
            "spec.project_id",
            "128",
            s -> s.setProjectId(chars(128)),
            s -> s.setProjectId(chars(129))),
        spec(
            "spec.project_id",
            "required",
            s -> s.setScope(JobScope.JOB_SCOPE_PROJECT).setProjectId("p"),
            s -> s.setScope(JobScope.JOB_SCOPE_PROJECT)),
        spec(
            "spec.project_id",
            "empty",
            s -> s.setScope(JobScope.JOB_SCOPE_GLOBAL),
            s -> s.setScope(JobScope.JOB_SCOPE_GLOBAL).setProjectId("p")),
        spec(
            "spec.scope",
            "knows",
            s -> s.setScope(JobScope.JOB_SCOPE_ITEM_SET).setProjectId("p"),
            s -> s.setScopeValue(UNKNOWN)),
        spec("spec.trigger", "knows", s -> s.setTriggerValue(5), s -> s.setTriggerValue(UNKNOWN)),
        spec("spec.priority", "0 to 100", s -> s.setPriority(100), s -> s.setPriority(101)),
        spec("spec.priority", "0 to 100", s -> s.setPriority(0), s -> s.setPriority(-1)),
        spec("spec.labels", "64", s -> labels(s, 64), s -> labels(s, 65)),
        spec("spec.labels", "63", s -> s.putLabels(chars(63), ""), s -> s.putLabels(chars(64), "")),
        spec("spec.labels", "1 to 63", s -> s.putLabels("a", ""), s -> s.putLabels("", "a")),
        spec(
            "spec.labels",
            "256",
            s -> s.putLabels("a", chars(256)),
            s -> s.putLabels("a", chars(257))),
        spec(
            "spec.params",
            "262144",
            s -> s.setParams(encoded(262_144)),
            s -> s.setParams(encoded(262_145))),
        spec(
            "spec.metadata",
            "65536",
            s -> s.setMetadata(encoded(65_536)),
            s -> s.setMetadata(encoded(65_537))),
        spec(
            "spec.algorithm_version",
            "64",
            s -> s.setAlgorithmVersion(chars(64)),
            s -> s.setAlgorithmVersion(chars(65))),
        spec("spec.max_retries", "0 to 100", s -> s.setMaxRetries(100), s -> s.setMaxRetries(101)),
        spec("spec.max_retries", "0 to 100", s -> s.setMaxRetries(0), s -> s.setMaxRetries(-1)),
        backoff("initial", "86400", b -> b.setInitial(d(DAY, 0)), b -> b.setInitial(d(DAY, 1))),
        backoff("initial", "0 s", b -> b.setInitial(d(0, 0)), b -> b.setInitial(d(-1, 0))),
        backoff("max", "86400", b -> b.setMax(d(DAY, 0)), b -> b.setMax(d(DAY + 1, 0))),
        backoff(
            "max",
            "not be less",
            b -> b.setInitial(d(2, 0)).setMax(d(2, 0)),
            b -> b.setInitial(d(2, 1)).setMax(d(2, 0))),
        backoff(
            "max",
            "86400",
            b -> b.setInitial(d(1, 0)).setMax(d(2, 999_999_999)),
            b -> b.setInitial(d(1, 0)).setMax(d(Long.MAX_VALUE, Integer.MAX_VALUE))),
        backoff("multiplier", "1.0 to 10.0", b -> b.setMultiplier(10), b -> b.setMultiplier(10.1)),
        backoff("multiplier", "1.0 to 10.0", b -> b.setMultiplier(1), b -> b.setMultiplier(0.9)),
        backoff("multiplier", "1.0", b -> b.setMultiplier(2), b -> b.setMultiplier(Double.NaN)),
        backoff(
            "multiplier",
            "1.0",
            b -> b.setMultiplier(2),
            b -> b.setMultiplier(Double.POSITIVE_INFINITY)),
        timeout("queue", t -> t.setQueue(d(YEAR, 0)), t -> t.setQueue(d(YEAR, 1))),
        timeout("queue", t -> t.setQueue(d(1, 0)), t -> t.setQueue(d(0, 999_999_999))),
        timeout("attempt", t -> t.setAttempt(d(YEAR, 0)), t -> t.setAttempt(d(YEAR + 1, 0))),
        timeout("attempt", t -> t.setAttempt(d(1, 0)), t -> t.setAttempt(d(0, 0))),
        timeout("total", t -> t.setTotal(d(YEAR, 0)), t -> t.setTotal(d(Long.MAX_VALUE, 0))),
        timeout("total", t -> t.setTotal(d(1, 0)), t -> t.setTotal(d(Long.MIN_VALUE, 0))),
        timeout("lease", t -> t.setLease(d(1, 0)), t -> t.setLease(d(0, 0))),
        timeout("lease", t -> t.setLease(d(1, 0)), t -> t.setLease(d(1, 1_000_000_000))),
        timeout("cancel_grace", t -> t.setCancelGrace(d(1, 0)), t -> t.setCancelGrace(d(0, 0))),
        timeout("stall_after", t -> t.setStallAfter(d(1, 0)), t -> t.setStallAfter(d(1, -1))),
        spec(
            "spec.not_before_time",
            "9999",
            s -> s.setNotBeforeTime(t(253_402_300_799L, 999_999_999)),
            s -> s.setNotBeforeTime(t(253_402_300_800L, 0))),
        spec(
            "spec.expire_time",
            "1970",
            s -> s.setExpireTime(t(0, 0)),
            s -> s.setExpireTime(t(-1, 0))),
        spec(
            "spec.expire_time",
            "1970",
            s -> s.setExpireTime(t(1, 0)),
            s -> s.setExpireTime(t(1, 1_000_000_000))),
        webhook("url", "2048", w -> w.setUrl(url(2_048)), w -> w.setUrl(url(2_049))),
        webhook("url", "https", w -> w.setUrl("https://a.b/c"), w -> w.setUrl("http://a.b/c")),
        webhook("url", "https", w -> w.setUrl("https://a"), w -> w.setUrl("https:///path")),
        webhook("url", "https", w -> w.setUrl("https://a"), Webhook.Builder::clearUrl),
        webhook("secret", "256", w -> w.setSecret(chars(256)), w -> w.setSecret(chars(257))),
        webhook(
            "states",
            "knows",
            w -> w.addStates(JobState.JOB_STATE_FAILED),
            w -> w.addStatesValue(UNKNOWN)),
        webhook(
            "states",
            "knows",
            w -> w.addStates(JobState.JOB_STATE_FAILED),
            w -> w.addStates(JobState.JOB_STATE_UNSPECIFIED)));
  }

  private static List<Arguments> reportLimits() {
    return List.of(
        report("report_seq", "negative", r -> r.setReportSeq(0), r -> r.setReportSeq(-1)),
        progress("current", "negative", p -> p.setCurrent(0), p -> p.setCurrent(-1)),
        progress("total", "negative", p -> p.setTotal(0), p -> p.setTotal(-1)),
        progress("succeeded", "negative", p -> p.setSucceeded(0), p -> p.setSucceeded(-1)),
        progress("failed", "negative", p -> p.setFailed(0), p -> p.setFailed(-1)),
        progress("skipped", "negative", p -> p.setSkipped(0), p -> p.setSkipped(-1)),
        progress("unit", "64", p -> p.setUnit(chars(64)), p -> p.setUnit(chars(65))),
        progress(
            "message", "1024", p -> p.setMessage(chars(1_024)), p -> p.setMessage(chars(1_025))),
        progress("fraction", "0.0 to 1.0", p -> p.setFraction(1), p -> p.setFraction(1.001)),
        progress("fraction", "0.0 to 1.0", p -> p.setFraction(0), p -> p.setFraction(-0.001)),
        progress("fraction", "0.0", p -> p.setFraction(0.5), p -> p.setFraction(Double.NaN)),
        progress(
            "fraction",
            "0.0",
            p -> p.setFraction(0.5),
            p -> p.setFraction(Double.NEGATIVE_INFINITY)),
        progress("sub_operations", "100", p -> parts(p, 100), p -> parts(p, 101)),
        part("id", "1 to 64", o -> o.setId(chars(64)), o -> o.setId(chars(65))),
        part("id", "1 to 64", o -> o.setId("a"), o -> o.setId("")),
        part(
            "display_name",
            "256",
            o -> o.setDisplayName(chars(256)),
            o -> o.setDisplayName(chars(257))),
        part("fraction", "0.0 to 1.0", o -> o.setFraction(1), o -> o.setFraction(2)),
        part("fraction", "0.0", o -> o.setFraction(0), o -> o.setFraction(Double.NaN)),
        part("weight", "1000000000", o -> o.setWeight(1e9), o -> o.setWeight(1e9 + 1)),
        part("weight", "0.000000001", o -> o.setWeight(1e-9), o -> o.setWeight(0)),
        part("weight", "0.000000001", o -> o.setWeight(1), o -> o.setWeight(Double.MIN_VALUE)),
        part("weight", "0.000000001", o -> o.setWeight(1), o -> o.setWeight(Double.NaN)),
        part(
            "weight",
            "0.000000001",
            o -> o.setWeight(1),
            o -> o.setWeight(Double.POSITIVE_INFINITY)),
        progress(
            "sub_operations",
            "unique",
            p -> parts(p, 2),
            p -> p.addAllSubOperations(List.of(part("a"), part("a")))),
        part("state", "knows", o -> o.setStateValue(4), o -> o.setStateValue(UNKNOWN)),
        report(
            "stage.name",
            "256",
            r -> r.setStage(Stage.newBuilder().setName(chars(256))),
            r -> r.setStage(Stage.newBuilder().setName(chars(257)))),
        report(
            "stage.detail",
            "1024",
            r -> r.setStage(Stage.newBuilder().setDetail(chars(1_024))),
            r -> r.setStage(Stage.newBuilder().setDetail(chars(1_025)))),
        report("logs", "1000", r -> lines(r, 1_000), r -> lines(r, 1_001)),
        line("level", "DEBUG", l -> l.setLevelValue(1), l -> l.setLevelValue(0)),
        line("level", "ERROR", l -> l.setLevelValue(5), l -> l.setLevelValue(UNKNOWN)),
        line(
            "message", "16384", l -> l.setMessage(chars(16_384)), l -> l.setMessage(chars(16_385))),
        line("message", "1 to", l -> l.setMessage("a"), l -> l.setMessage("")),
        line(
            "context",
            "16384",
            l -> l.setContext(encoded(16_384)),
            l -> l.setContext(encoded(16_385))),
        line("stage", "256", l -> l.setStage(chars(256)), l -> l.setStage(chars(257))),
        line("write_time", "1970", l -> l.setWriteTime(t(0, 0)), l -> l.setWriteTime(t(-1, 0))),
        report("items", "2000", r -> items(r, 2_000), r -> items(r, 2_001)),
        item("id", "1 to 256", i -> i.setId(chars(256)), i -> i.setId(chars(257))),
        item("id", "1 to 256", i -> i.setId("a"), i -> i.setId("")),
        item("project_id", "128", i -> i.setProjectId(chars(128)), i -> i.setProjectId(chars(129))),
        item("state", "knows", i -> i.setStateValue(0), i -> i.setStateValue(UNKNOWN)),
        item("data", "16384", i -> i.setData(encoded(16_384)), i -> i.setData(encoded(16_385))),
        item("message", "4096", i -> i.setMessage(chars(4_096)), i -> i.setMessage(chars(4_097))),
        report("outcome_increments", "64", r -> counters(r, 64), r -> counters(r, 65)),
        report(
            "outcome_increments",
            "1 to 64",
            r -> r.putOutcomeIncrements(chars(64), 1),
            r -> r.putOutcomeIncrements(chars(65), 1)),
        report(
            "outcome_values",
            "1 to 64",
            r -> r.putOutcomeValues("a", Long.MIN_VALUE),
            r -> r.putOutcomeValues("", 1)),
        report(
            "checkpoint",
            "65536",
            r -> r.setCheckpoint(encoded(65_536)),
            r -> r.setCheckpoint(encoded(65_537))));
  }

  /** Limits count code points, and texts in one line have no control characters. */
  private static List<Arguments> characters() {
    List<Arguments> all = new ArrayList<>();
    for (String control : List.of("\0", "\t", "\n", "\r", "\u001b", "\u001f", "\u007f")) {
      String bad = "a" + control + "b";
      String rule = "control characters";
      all.add(
          spec(
              "spec.display_name", rule, s -> s.setDisplayName("a b"), s -> s.setDisplayName(bad)));
      all.add(
          spec("spec.project_id", rule, s -> s.setProjectId("\u0085"), s -> s.setProjectId(bad)));
      all.add(
          spec(
              "spec.algorithm_version",
              rule,
              s -> s.setAlgorithmVersion("1"),
              s -> s.setAlgorithmVersion(bad)));
      all.add(spec("spec.labels", rule, s -> s.putLabels("a", "b"), s -> s.putLabels(bad, "b")));
      all.add(spec("spec.labels", rule, s -> s.putLabels("a", "b"), s -> s.putLabels("a", bad)));
      all.add(progress("unit", rule, p -> p.setUnit("a"), p -> p.setUnit(bad)));
      all.add(part("id", rule, o -> o.setId("a"), o -> o.setId(bad)));
      all.add(part("display_name", rule, o -> o.setDisplayName("a"), o -> o.setDisplayName(bad)));
      all.add(
          report(
              "stage.name",
              rule,
              r -> r.setStage(stage("a", bad)),
              r -> r.setStage(stage(bad, ""))));
      all.add(line("stage", rule, l -> l.setMessage(bad).setStage("a"), l -> l.setStage(bad)));
      all.add(item("id", rule, i -> i.setId("a").setMessage(bad), i -> i.setId(bad)));
      all.add(item("project_id", rule, i -> i.setProjectId("a"), i -> i.setProjectId(bad)));
      all.add(
          report(
              "outcome_values",
              rule,
              r -> r.putOutcomeValues("a", 1),
              r -> r.putOutcomeValues(bad, 1)));
      all.add(text(JobValidation::workerId, "worker_id", rule, "w", bad));
      all.add(text(JobValidation::userId, "user_id", "printable", "ann", bad));
      all.add(text(JobValidation::owner, "user_id", "printable", "default ann", bad));
      all.add(text(JobValidation::tenantId, "tenant_id", "printable", "acme", bad));
      all.add(filter("project_id", rule, f -> f.setProjectId("p"), f -> f.setProjectId(bad)));
      all.add(filter("labels", rule, f -> f.putLabels("a", ""), f -> f.putLabels("a", bad)));
      all.add(filter("user_id", "printable", f -> f.setUserId("a b"), f -> f.setUserId(bad)));
      all.add(filter("tenant_id", "printable", f -> f.setTenantId("a"), f -> f.setTenantId(bad)));
    }
    all.add(text(JobValidation::userId, "user_id", "without spaces", chars(128), "default ann"));
    all.add(text(JobValidation::tenantId, "tenant_id", "1 to 128", "", chars(129)));
    all.add(text(JobValidation::tenantId, "tenant_id", "without spaces", "", "milepost copy"));
    all.add(
        spec(
            "spec.display_name",
            "256",
            s -> s.setDisplayName(emojis(256)),
            s -> s.setDisplayName(emojis(257))));
    all.add(
        spec(
            "spec.labels",
            "256",
            s -> s.putLabels(emojis(63), emojis(256)),
            s -> s.putLabels("a", emojis(257))));
    all.add(
        line(
            "message",
            "16384",
            l -> l.setMessage(emojis(16_384)),
            l -> l.setMessage(emojis(16_385))));
    all.add(item("id", "256", i -> i.setId(emojis(256)), i -> i.setId(emojis(257))));
    all.add(text(JobValidation::workerId, "worker_id", "128", emojis(128), emojis(129)));
    all.add(
        webhook(
            "states",
            "6",
            w -> w.addAllStates(webhookStates(6)),
            w -> w.addAllStates(webhookStates(7))));
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (String wrong :
        List.of(
            trace.replace("4bf9", "4BF9"),
            trace.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32)),
            trace.replace("00f067aa0ba902b7", "0".repeat(16)),
            trace.replaceFirst("00", "ff"),
            trace + "-")) {
      all.add(
          spec(
              "spec.trace_parent",
              "traceparent of W3C Trace Context",
              s -> s.setTraceParent(trace),
              s -> s.setTraceParent(wrong)));
    }
    all.add(
        spec(
            "spec.trace_state",
            "512",
            s -> s.setTraceParent(trace).setTraceState("a".repeat(512)),
            s -> s.setTraceParent(trace).setTraceState("a".repeat(513))));
    all.add(
        spec(
            "spec.trace_state",
            "empty without a trace_parent",
            s -> s.setTraceParent(trace).setTraceState("a=1"),
            s -> s.setTraceState("a=1")));
    all.add(
        spec(
            "spec.expire_time",
            "after spec.not_before_time",
            s -> s.setExpireTime(t(2, 0)).setNotBeforeTime(t(1, 999_999_999)),
            s -> s.setExpireTime(t(2, 0)).setNotBeforeTime(t(2, 0))));
    return all;
  }

  private static List<JobState> webhookStates(int count) {
    return java.util.Collections.nCopies(count, JobState.JOB_STATE_FAILED);
  }

  private static Stage stage(String name, String detail) {
    return Stage.newBuilder().setName(name).setDetail(detail).build();
  }

  private static List<Arguments> otherLimits() {
    return List.of(
        text(JobValidation::jobId, "job_id", "1 to 128", chars(128), chars(129)),
        text(JobValidation::jobId, "job_id", "1 to 128", "a._~-", ""),
        text(JobValidation::jobId, "job_id", "starting", "0", "~a"),
        text(JobValidation::jobId, "job_id", "from A-Z", "a", "a/b"),
        text(JobValidation::workerId, "worker_id", "1 to 128", chars(128), chars(129)),
        text(JobValidation::workerId, "worker_id", "1 to 128", "w", ""),
        text((v, f, s) -> JobValidation.requestId(v, s), "request_id", "128", "", chars(129)),
        text((v, f, s) -> JobValidation.requestId(v, s), "request_id", "ASCII", " ~", "ä"),
        text((v, f, s) -> JobValidation.requestId(v, s), "request_id", "ASCII", "a", "a\n"),
        error("error.code", "64", e -> e.setCode(capitals(64)), e -> e.setCode(capitals(65))),
        error("error.code", "1 to 64", e -> e.setCode("A_1"), JobError.Builder::clearCode),
        error("error.code", "starting", e -> e.setCode("A"), e -> e.setCode("_A")),
        error(
            "error.details",
            "16384",
            e -> e.setDetails(encoded(16_384)),
            e -> e.setDetails(encoded(16_385))),
        error(
            "error.code",
            "1 to 64",
            e -> e.setMessage(chars(100_000)).setStackTrace(chars(100_000)),
            JobError.Builder::clear),
        update(
            "update_mask", "at least one", mask("webhook"), mask(), JobSpec.getDefaultInstance()),
        update(
            "update_mask",
            "labels, metadata, priority, display_name, expire_time, webhook",
            mask("labels", "metadata", "priority", "display_name", "expire_time", "webhook"),
            mask("labels", "params"),
            JobSpec.getDefaultInstance()),
        limit(
            "spec.priority",
            "0 to 100",
            v -> SpecValidation.update(v, priority(100), mask("priority")),
            v -> SpecValidation.update(v, priority(101), mask("priority"))),
        limit(
            "result",
            "65536",
            v -> ReportValidation.result(v, encoded(65_536)),
            v -> ReportValidation.result(v, encoded(65_537))),
        filter("types", "100", f -> types(f, 100), f -> types(f, 101)),
        filter("types", "1 to 128", f -> f.addTypes("a"), f -> f.addTypes("")),
        filter("states", "6", f -> states(f, 6), f -> states(f, 7)),
        filter("states", "knows", f -> states(f, 1), f -> f.addStatesValue(UNKNOWN)),
        filter("scope", "knows", f -> f.setScopeValue(3), f -> f.setScopeValue(UNKNOWN)),
        filter("health", "knows", f -> f.setHealthValue(2), f -> f.setHealthValue(UNKNOWN)),
        filter("parent_id", "128", f -> f.setParentId(""), f -> f.setParentId("/")),
        filter("project_id", "128", f -> f.setProjectId("p"), f -> f.setProjectId(chars(129))),
        filter("labels", "63", f -> f.putLabels("a", ""), f -> f.putLabels("", "")),
        filter(
            "attempts_above", "negative", f -> f.setAttemptsAbove(0), f -> f.setAttemptsAbove(-1)),
        filter(
            "create_time_from",
            "1970",
            f -> f.setCreateTimeFrom(t(0, 0)),
            f -> f.setCreateTimeFrom(t(0, -1))),
        filter(
            "create_time_until",
            "9999",
            f -> f.setCreateTimeUntil(t(1, 0)),
            f -> f.setCreateTimeUntil(t(Long.MAX_VALUE, 0))),
        filter(
            "end_time_from",
            "1970",
            f -> f.setEndTimeFrom(t(0, 0)),
            f -> f.setEndTimeFrom(t(0, -1))),
        filter(
            "end_time_until",
            "9999",
            f -> f.setEndTimeUntil(t(1, 0)),
            f -> f.setEndTimeUntil(t(Long.MAX_VALUE, 0))));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("limits")
  void valuesAtTheLimitPassAndValuesBeyondItAreRefused(
      String field, String limit, Consumer<FieldChecks> passes, Consumer<FieldChecks> beyond) {
    assertThatCode(() -> run(passes)).doesNotThrowAnyException();
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> run(beyond))
        .satisfies(
            refusal ->
                assertThat(refusal.violations())
                    .anySatisfy(
                        violation -> {
                          assertThat(violation.field()).isEqualTo(field);
                          assertThat(violation.description()).contains(limit);
                        }));
  }

  @Test
  void unsetFieldsAreValid() {
    assertThatCode(
            () ->
                run(
                    violations -> {
                      SpecValidation.spec(violations, JobLife.spec().build());
                      SpecValidation.mutable(violations, JobSpec.getDefaultInstance());
                      ReportValidation.report(violations, Report.getDefaultInstance());
                      JobFilters.validate(violations, JobFilter.getDefaultInstance());
                      JobValidation.requestId(violations, "");
                      ReportValidation.result(violations, Struct.getDefaultInstance());
                      JobValidation.items(violations, "items", List.of());
                    }))
        .doesNotThrowAnyException();
  }

  @Test
  void upToTwentyViolationsAreReportedTogether() {
    Report.Builder report = Report.newBuilder().setReportSeq(-1);
    IntStream.range(0, 30).forEach(i -> report.addItems(Item.getDefaultInstance()));

    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> run(violations -> ReportValidation.report(violations, report.build())))
        .withMessageContaining("(and 19 more)")
        .satisfies(refusal -> assertThat(refusal.violations()).hasSize(20));
  }

  @Test
  void aViolationNeverRepeatsTheValue() {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> run(violations -> JobValidation.jobId(violations, "job_id", "<script>")))
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("script"));
  }

  @Test
  void longErrorsAreCutBetweenCharacters() {
    JobError cut =
        ReportValidation.cut(
            JobError.newBuilder()
                .setCode("A")
                .setMessage(emojis(4_097))
                .setStackTrace(chars(20_000))
                .build());

    assertThat(cut.getMessage()).isEqualTo(emojis(4_096));
    assertThat(cut.getStackTrace()).hasSize(16_384);
    assertThat(cut.getCode()).isEqualTo("A");
  }

  // Helpers for the rows above.

  private static void run(Consumer<FieldChecks> check) {
    FieldChecks violations = new FieldChecks();
    check.accept(violations);
    violations.orThrow();
  }

  private static Arguments limit(
      String field, String limit, Consumer<FieldChecks> passes, Consumer<FieldChecks> beyond) {
    return Arguments.of(field, limit, passes, beyond);
  }

  private interface TextCheck {
    void check(FieldChecks violations, String field, String text);
  }

  private static Arguments text(
      TextCheck check, String field, String limit, String passes, String beyond) {
    return limit(
        field, limit, v -> check.check(v, field, passes), v -> check.check(v, field, beyond));
  }

  private static Arguments spec(
      String field,
      String limit,
      Consumer<JobSpec.Builder> passes,
      Consumer<JobSpec.Builder> beyond) {
    return limit(
        field,
        limit,
        v -> SpecValidation.spec(v, with(JobLife.spec(), passes).build()),
        v -> SpecValidation.spec(v, with(JobLife.spec(), beyond).build()));
  }

  private static Arguments update(
      String field, String limit, FieldMask passes, FieldMask beyond, JobSpec spec) {
    return limit(
        field,
        limit,
        v -> SpecValidation.update(v, spec, passes),
        v -> SpecValidation.update(v, spec, beyond));
  }

  private static FieldMask mask(String... paths) {
    return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
  }

  private static JobSpec priority(int priority) {
    return JobSpec.newBuilder().setPriority(priority).build();
  }

  private static Arguments backoff(
      String field,
      String limit,
      Consumer<RetryBackoff.Builder> passes,
      Consumer<RetryBackoff.Builder> beyond) {
    return spec(
        "spec.retry_backoff." + field,
        limit,
        s -> passes.accept(s.getRetryBackoffBuilder()),
        s -> beyond.accept(s.getRetryBackoffBuilder()));
  }

  private static Arguments timeout(
      String field, Consumer<JobTimeouts.Builder> passes, Consumer<JobTimeouts.Builder> beyond) {
    return spec(
        "spec.timeouts." + field,
        "1 s to 31622400 s",
        s -> passes.accept(s.getTimeoutsBuilder()),
        s -> beyond.accept(s.getTimeoutsBuilder()));
  }

  private static Arguments webhook(
      String field,
      String limit,
      Consumer<Webhook.Builder> passes,
      Consumer<Webhook.Builder> beyond) {
    return spec(
        "spec.webhook." + field,
        limit,
        s -> passes.accept(s.getWebhookBuilder().setUrl("https://a")),
        s -> beyond.accept(s.getWebhookBuilder().setUrl("https://a")));
  }

  private static Arguments report(
      String field,
      String limit,
      Consumer<Report.Builder> passes,
      Consumer<Report.Builder> beyond) {
    return limit(
        "report." + field,
        limit,
        v -> ReportValidation.report(v, with(Report.newBuilder(), passes).build()),
        v -> ReportValidation.report(v, with(Report.newBuilder(), beyond).build()));
  }

  private static Arguments progress(
      String field,
      String limit,
      Consumer<Progress.Builder> passes,
      Consumer<Progress.Builder> beyond) {
    return report(
        "progress." + field,
        limit,
        r -> passes.accept(r.getProgressBuilder()),
        r -> beyond.accept(r.getProgressBuilder()));
  }

  private static Arguments part(
      String field,
      String limit,
      Consumer<SubOperation.Builder> passes,
      Consumer<SubOperation.Builder> beyond) {
    return progress(
        "sub_operations[0]." + field,
        limit,
        p -> passes.accept(p.addSubOperationsBuilder().setId("a")),
        p -> beyond.accept(p.addSubOperationsBuilder().setId("a")));
  }

  private static Arguments line(
      String field,
      String limit,
      Consumer<LogEntry.Builder> passes,
      Consumer<LogEntry.Builder> beyond) {
    return report(
        "logs[0]." + field,
        limit,
        r -> passes.accept(line(r.addLogsBuilder())),
        r -> beyond.accept(line(r.addLogsBuilder())));
  }

  private static LogEntry.Builder line(LogEntry.Builder line) {
    return line.setLevel(LogLevel.LOG_LEVEL_INFO).setMessage("a");
  }

  private static Arguments item(
      String field, String limit, Consumer<Item.Builder> passes, Consumer<Item.Builder> beyond) {
    return report(
        "items[0]." + field,
        limit,
        r -> passes.accept(r.addItemsBuilder().setId("a")),
        r -> beyond.accept(r.addItemsBuilder().setId("a")));
  }

  private static Arguments error(
      String field,
      String limit,
      Consumer<JobError.Builder> passes,
      Consumer<JobError.Builder> beyond) {
    return limit(
        field,
        limit,
        v -> ReportValidation.error(v, with(JobError.newBuilder().setCode("A"), passes).build()),
        v -> ReportValidation.error(v, with(JobError.newBuilder().setCode("A"), beyond).build()));
  }

  private static Arguments filter(
      String field,
      String limit,
      Consumer<JobFilter.Builder> passes,
      Consumer<JobFilter.Builder> beyond) {
    return limit(
        "filter." + field,
        limit,
        v -> JobFilters.validate(v, with(JobFilter.newBuilder(), passes).build()),
        v -> JobFilters.validate(v, with(JobFilter.newBuilder(), beyond).build()));
  }

  private static <B> B with(B builder, Consumer<B> change) {
    change.accept(builder);
    return builder;
  }

  private static String chars(int count) {
    return "a".repeat(count);
  }

  /** Characters that take two chars of a Java string, and four bytes in UTF-8. */
  private static String emojis(int count) {
    return "\uD83D\uDE00".repeat(count);
  }

  private static String capitals(int count) {
    return "A".repeat(count);
  }

  private static String url(int length) {
    String start = "https://a.example/";
    return start + chars(length - start.length());
  }

  /** A struct with an exact encoded size. */
  private static Struct encoded(int bytes) {
    for (int length = bytes - 24; length <= bytes; length++) {
      Struct struct = JobLife.struct("k", chars(length));
      if (struct.getSerializedSize() == bytes) {
        return struct;
      }
    }
    throw new IllegalArgumentException("no struct of that shape takes " + bytes + " bytes");
  }

  private static Duration d(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  private static Timestamp t(long seconds, int nanos) {
    return Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  private static void labels(JobSpec.Builder spec, int count) {
    IntStream.range(0, count).forEach(i -> spec.putLabels("label-" + i, ""));
  }

  private static void parts(Progress.Builder progress, int count) {
    IntStream.range(0, count).forEach(i -> progress.addSubOperationsBuilder().setId("part-" + i));
  }

  private static SubOperation part(String id) {
    return SubOperation.newBuilder().setId(id).build();
  }

  private static void lines(Report.Builder report, int count) {
    IntStream.range(0, count).forEach(i -> line(report.addLogsBuilder()));
  }

  private static void items(Report.Builder report, int count) {
    IntStream.range(0, count).forEach(i -> report.addItemsBuilder().setId("item-" + i));
  }

  private static void counters(Report.Builder report, int count) {
    IntStream.range(0, count).forEach(i -> report.putOutcomeIncrements("counter-" + i, 1));
  }

  private static void types(JobFilter.Builder filter, int count) {
    IntStream.range(0, count).forEach(i -> filter.addTypes("type-" + i));
  }

  private static void states(JobFilter.Builder filter, int count) {
    IntStream.range(0, count).forEach(i -> filter.addStates(JobState.JOB_STATE_QUEUED));
  }
}
