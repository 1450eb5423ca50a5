package dev.milepost.server.job;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobSpecOrBuilder;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.RetryBackoff;
import java.util.regex.Pattern;

/** Checks the spec of a job against the limits of the contract. */
public final class SpecValidation {
  /** Neither of the ids is all zeros, and the version is not ff. */
  private static final Pattern TRACE_PARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final Pattern TRACE_STATE = Pattern.compile("[ -~]{0,512}");
  private static final int MAX_PARAMS_BYTES = 256 * 1024;
  private static final int MAX_BLOB_BYTES = 64 * 1024;

  private SpecValidation() {}

  /** Checks the spec of a new job. */
  public static void spec(FieldChecks violations, JobSpec spec) {
    JobValidation.type(violations, "spec.type", spec.getType());
    immutable(violations, spec);
    mutable(violations, spec);
  }

  private static void immutable(FieldChecks violations, JobSpec spec) {
    scope(violations, spec);
    violations.known("spec.trigger", spec.getTrigger() != JobTrigger.UNRECOGNIZED);
    violations.line("spec.algorithm_version", spec.getAlgorithmVersion(), 64);
    StructLimits.check(violations, "spec.params", spec.getParams(), MAX_PARAMS_BYTES);
    violations.range("spec.max_retries", spec.getMaxRetries(), 0, 100);
    backoff(violations, spec.getRetryBackoff());
    timeouts(violations, spec.getTimeouts());
    times(violations, spec);
    trace(violations, spec);
  }

  /** Checks the creator's trace; https://www.w3.org/TR/trace-context/ defines the format. */
  private static void trace(FieldChecks violations, JobSpec spec) {
    violations.check(
        spec.getTraceParent().isEmpty() || TRACE_PARENT.matcher(spec.getTraceParent()).matches(),
        "spec.trace_parent",
        "must be a traceparent of W3C Trace Context: version, trace id, parent id and flags in"
            + " lower-case hexadecimal, such as"
            + " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    violations.check(
        TRACE_STATE.matcher(spec.getTraceState()).matches(),
        "spec.trace_state",
        "must be at most 512 printable ASCII characters");
    violations.check(
        spec.getTraceState().isEmpty() || !spec.getTraceParent().isEmpty(),
        "spec.trace_state",
        "must be empty without a trace_parent");
  }

  /**
   * Checks when a new job may start and when it expires. Whether it has expired already is known
   * only when it is created.
   */
  public static void times(FieldChecks violations, JobSpec spec) {
    JobValidation.time(violations, "spec.not_before_time", spec.getNotBeforeTime());
    violations.check(
        !spec.hasExpireTime()
            || !spec.hasNotBeforeTime()
            || isAfter(spec.getExpireTime(), spec.getNotBeforeTime()),
        "spec.expire_time",
        "must be after spec.not_before_time");
  }

  /** Checks the fields of a spec that its owner may change later. */
  public static void mutable(FieldChecks violations, JobSpec spec) {
    violations.line("spec.display_name", spec.getDisplayName(), 256);
    violations.range("spec.priority", spec.getPriority(), 0, 100);
    JobValidation.labels(violations, "spec.labels", spec.getLabelsMap());
    StructLimits.check(violations, "spec.metadata", spec.getMetadata(), MAX_BLOB_BYTES);
    JobValidation.time(violations, "spec.expire_time", spec.getExpireTime());
    if (spec.hasWebhook()) {
      WebhookValidation.webhook(violations, spec.getWebhook());
    }
  }

  /** Checks the labels and metadata of a spec after single entries of them have been changed. */
  static void entries(FieldChecks violations, JobSpecOrBuilder spec) {
    JobValidation.labels(violations, "spec.labels", spec.getLabelsMap());
    StructLimits.check(violations, "spec.metadata", spec.getMetadata(), MAX_BLOB_BYTES);
  }

  /**
   * Checks a change to a spec: the mask must name mutable fields. The fields that it does not name
   * change nothing, but a request is valid as a whole or not at all.
   */
  public static void update(FieldChecks violations, JobSpec spec, FieldMask mask) {
    UpdateMask.check(violations, spec, mask);
    if (!spec.getType().isEmpty()) {
      JobValidation.type(violations, "spec.type", spec.getType());
    }
    immutable(violations, spec);
    mutable(violations, spec);
  }

  private static void scope(FieldChecks violations, JobSpec spec) {
    JobValidation.projectId(violations, "spec.project_id", spec.getProjectId());
    violations.known("spec.scope", spec.getScope() != JobScope.UNRECOGNIZED);
    if (spec.getScope() == JobScope.JOB_SCOPE_PROJECT) {
      violations.check(
          !spec.getProjectId().isEmpty(),
          "spec.project_id",
          "is required for a job of scope PROJECT");
    }
    if (spec.getScope() == JobScope.JOB_SCOPE_GLOBAL) {
      violations.check(
          spec.getProjectId().isEmpty(),
          "spec.project_id",
          "must be empty for a job of scope GLOBAL");
    }
  }

  private static void backoff(FieldChecks violations, RetryBackoff backoff) {
    long day = java.time.Duration.ofDays(1).toSeconds();
    violations.duration("spec.retry_backoff.initial", backoff.getInitial(), 0, day);
    violations.duration("spec.retry_backoff.max", backoff.getMax(), 0, day);
    if (backoff.hasInitial() && backoff.hasMax()) {
      violations.check(
          !isShorter(backoff.getMax(), backoff.getInitial()),
          "spec.retry_backoff.max",
          "must not be less than retry_backoff.initial");
    }
    if (backoff.hasMultiplier()) {
      violations.range("spec.retry_backoff.multiplier", backoff.getMultiplier(), 1, 10);
    }
  }

  /** Compares without arithmetic, so that a malformed duration cannot overflow. */
  private static boolean isShorter(Duration one, Duration other) {
    return one.getSeconds() < other.getSeconds()
        || (one.getSeconds() == other.getSeconds() && one.getNanos() < other.getNanos());
  }

  private static boolean isAfter(Timestamp one, Timestamp other) {
    return one.getSeconds() > other.getSeconds()
        || (one.getSeconds() == other.getSeconds() && one.getNanos() > other.getNanos());
  }

  private static void timeouts(FieldChecks violations, JobTimeouts timeouts) {
    timeout(violations, "queue", timeouts.hasQueue(), timeouts.getQueue());
    timeout(violations, "attempt", timeouts.hasAttempt(), timeouts.getAttempt());
    timeout(violations, "total", timeouts.hasTotal(), timeouts.getTotal());
    timeout(violations, "lease", timeouts.hasLease(), timeouts.getLease());
    timeout(violations, "cancel_grace", timeouts.hasCancelGrace(), timeouts.getCancelGrace());
    timeout(violations, "stall_after", timeouts.hasStallAfter(), timeouts.getStallAfter());
  }

  private static void timeout(FieldChecks violations, String name, boolean set, Duration timeout) {
    if (set) {
      violations.duration(
          "spec.timeouts." + name, timeout, 1, java.time.Duration.ofDays(366).toSeconds());
    }
  }
}
