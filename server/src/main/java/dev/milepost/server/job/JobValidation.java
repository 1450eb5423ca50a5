package dev.milepost.server.job;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import dev.milepost.v1.Webhook;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What jobs, reports and items must look like: the limits that the contract's comments give. */
public final class JobValidation {
  /** Most items in a job. */
  public static final int MAX_ITEMS = 2_000;

  /** Most named counters in an outcome. */
  public static final int MAX_OUTCOMES = 64;

  private static final int MAX_PARAMS_BYTES = 256 * 1024;
  private static final int MAX_BLOB_BYTES = 64 * 1024;
  private static final int MAX_DATA_BYTES = 16 * 1024;
  private static final int MAX_LOG_CHARS = 16 * 1024;
  private static final int MAX_LOGS = 1_000;
  private static final int MAX_LABELS = 64;
  private static final int MAX_SUB_OPERATIONS = 100;
  private static final Pattern ERROR_CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
  private static final Pattern REQUEST_ID = Pattern.compile("[\\x20-\\x7e]{0,128}");

  private JobValidation() {}

  /** Checks the id of a job. */
  public static void jobId(Violations violations, String field, String id) {
    violations.check(
        isName(id, "._~-"),
        field,
        "must be 1 to 128 characters out of A-Z a-z 0-9 . _ ~ -, starting with a letter or digit");
  }

  /** Checks a request_id; empty is fine. */
  public static void requestId(Violations violations, String id) {
    violations.check(
        REQUEST_ID.matcher(id).matches(),
        "request_id",
        "must be at most 128 printable ASCII characters");
  }

  /** Checks a type of job. */
  public static void type(Violations violations, String field, String type) {
    violations.check(
        isName(type, "._:/-"),
        field,
        "must be 1 to 128 characters out of A-Z a-z 0-9 . _ : / -, starting with a letter or"
            + " digit");
  }

  /** Of 1 to 128 letters, digits and marks, not starting with a mark. */
  private static boolean isName(String text, String marks) {
    if (text.isEmpty() || text.length() > 128 || !isLetterOrDigit(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char character = text.charAt(i);
      if (!isLetterOrDigit(character) && marks.indexOf(character) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Of ASCII: a regular expression would say the same, for some 200 bytes a name. */
  private static boolean isLetterOrDigit(char character) {
    return (character >= 'A' && character <= 'Z')
        || (character >= 'a' && character <= 'z')
        || (character >= '0' && character <= '9');
  }

  /** Checks the spec of a new job. */
  public static void spec(Violations violations, JobSpec spec) {
    type(violations, "spec.type", spec.getType());
    scope(violations, spec);
    violations.known("spec.trigger", spec.getTrigger() != JobTrigger.UNRECOGNIZED);
    violations.atMost("spec.algorithm_version", spec.getAlgorithmVersion(), 64);
    violations.bytes("spec.params", spec.getParams(), MAX_PARAMS_BYTES);
    violations.range("spec.max_retries", spec.getMaxRetries(), 0, 100);
    backoff(violations, spec.getRetryBackoff());
    timeouts(violations, spec.getTimeouts());
    time(violations, "spec.not_before_time", spec.getNotBeforeTime());
    changeable(violations, spec);
  }

  /** Checks those fields of a spec that its owner may change later. */
  public static void changeable(Violations violations, JobSpec spec) {
    violations.atMost("spec.display_name", spec.getDisplayName(), 256);
    violations.range("spec.priority", spec.getPriority(), 0, 100);
    labels(violations, "spec.labels", spec.getLabelsMap());
    violations.bytes("spec.metadata", spec.getMetadata(), MAX_BLOB_BYTES);
    time(violations, "spec.expire_time", spec.getExpireTime());
    if (spec.hasWebhook()) {
      webhook(violations, spec.getWebhook());
    }
  }

  /**
   * Checks a change to a spec: the mask must name fields that may change, and what may change must
   * be good.
   */
  public static void update(Violations violations, JobSpec spec, FieldMask mask) {
    violations.check(mask.getPathsCount() > 0, "update_mask", "must name at least one field");
    violations.check(
        OwnerRules.CHANGEABLE.containsAll(mask.getPathsList()),
        "update_mask",
        "must name only " + String.join(", ", OwnerRules.CHANGEABLE));
    changeable(violations, spec);
  }

  /** Checks labels, of a job or of a filter. */
  public static void labels(
      Violations violations, String field, java.util.Map<String, String> labels) {
    violations.check(labels.size() <= MAX_LABELS, field, "must be at most " + MAX_LABELS);
    labels.forEach(
        (key, value) -> {
          violations.check(
              !key.isEmpty() && key.length() <= 63, field, "must have keys of 1 to 63 characters");
          violations.check(
              value.length() <= 256, field, "must have values of at most 256 characters");
        });
  }

  /** Checks a project's id; empty is fine. */
  public static void projectId(Violations violations, String field, String projectId) {
    violations.atMost(field, projectId, 128);
  }

  private static void scope(Violations violations, JobSpec spec) {
    projectId(violations, "spec.project_id", spec.getProjectId());
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

  private static void backoff(Violations violations, RetryBackoff backoff) {
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

  /** Without arithmetic, so that no malformed duration can overflow. */
  private static boolean isShorter(Duration one, Duration other) {
    return one.getSeconds() < other.getSeconds()
        || (one.getSeconds() == other.getSeconds() && one.getNanos() < other.getNanos());
  }

  private static void timeouts(Violations violations, JobTimeouts timeouts) {
    timeout(violations, "queue", timeouts.hasQueue(), timeouts.getQueue());
    timeout(violations, "attempt", timeouts.hasAttempt(), timeouts.getAttempt());
    timeout(violations, "total", timeouts.hasTotal(), timeouts.getTotal());
    timeout(violations, "lease", timeouts.hasLease(), timeouts.getLease());
    timeout(violations, "cancel_grace", timeouts.hasCancelGrace(), timeouts.getCancelGrace());
    timeout(violations, "stall_after", timeouts.hasStallAfter(), timeouts.getStallAfter());
  }

  private static void timeout(Violations violations, String name, boolean set, Duration timeout) {
    if (set) {
      violations.duration(
          "spec.timeouts." + name, timeout, 1, java.time.Duration.ofDays(366).toSeconds());
    }
  }

  private static void webhook(Violations violations, Webhook webhook) {
    violations.check(
        isHttps(webhook.getUrl()) && webhook.getUrl().length() <= 2_048,
        "spec.webhook.url",
        "must be an https URL of at most 2048 characters");
    violations.atMost("spec.webhook.secret", webhook.getSecret(), 256);
    webhook
        .getStatesList()
        .forEach(state -> violations.known("spec.webhook.states", JobFilters.isJobState(state)));
  }

  private static boolean isHttps(String url) {
    try {
      URI uri = new URI(url);
      return "https".equals(uri.getScheme()) && uri.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Checks the name of a worker. */
  public static void workerId(Violations violations, String field, String workerId) {
    violations.check(
        !workerId.isEmpty() && workerId.length() <= 128, field, "must be 1 to 128 characters");
  }

  /** Checks what a worker reports. */
  public static void report(Violations violations, Report report) {
    violations.check(report.getReportSeq() >= 0, "report.report_seq", "must not be negative");
    progress(violations, report.getProgress());
    violations.atMost("report.stage.name", report.getStage().getName(), 256);
    violations.atMost("report.stage.detail", report.getStage().getDetail(), 1_024);
    violations.check(
        report.getLogsCount() <= MAX_LOGS, "report.logs", "must be at most " + MAX_LOGS);
    for (int i = 0; i < report.getLogsCount() && !violations.isFull(); i++) {
      violations.enter("report.logs", i);
      log(violations, report.getLogs(i));
    }
    violations.leave();
    items(violations, "report.items", report.getItemsList());
    if (report.getOutcomeIncrementsCount() > 0) {
      outcome(violations, "report.outcome_increments", report.getOutcomeIncrementsMap().keySet());
    }
    if (report.getOutcomeValuesCount() > 0) {
      outcome(violations, "report.outcome_values", report.getOutcomeValuesMap().keySet());
    }
    violations.bytes("report.checkpoint", report.getCheckpoint(), MAX_BLOB_BYTES);
  }

  private static void outcome(Violations violations, String field, Set<String> names) {
    violations.check(names.size() <= MAX_OUTCOMES, field, "must be at most " + MAX_OUTCOMES);
    for (String name : names) {
      if (name.isEmpty() || name.length() > 64) {
        violations.check(false, field, "must have names of 1 to 64 characters");
        return;
      }
    }
  }

  private static void progress(Violations violations, Progress progress) {
    violations.check(progress.getCurrent() >= 0, "report.progress.current", "must not be negative");
    violations.check(progress.getTotal() >= 0, "report.progress.total", "must not be negative");
    violations.check(
        progress.getSucceeded() >= 0, "report.progress.succeeded", "must not be negative");
    violations.check(progress.getFailed() >= 0, "report.progress.failed", "must not be negative");
    violations.check(progress.getSkipped() >= 0, "report.progress.skipped", "must not be negative");
    violations.atMost("report.progress.unit", progress.getUnit(), 64);
    violations.atMost("report.progress.message", progress.getMessage(), 1_024);
    violations.range("report.progress.fraction", progress.getFraction(), 0, 1);
    violations.check(
        progress.getSubOperationsCount() <= MAX_SUB_OPERATIONS,
        "report.progress.sub_operations",
        "must be at most " + MAX_SUB_OPERATIONS);
    for (int i = 0; i < progress.getSubOperationsCount() && !violations.isFull(); i++) {
      violations.enter("report.progress.sub_operations", i);
      subOperation(violations, progress.getSubOperations(i));
    }
    violations.leave();
  }

  private static void subOperation(Violations violations, SubOperation part) {
    violations.check(
        !part.getId().isEmpty() && part.getId().length() <= 64, "id", "must be 1 to 64 characters");
    violations.atMost("title", part.getTitle(), 256);
    violations.range("fraction", part.getFraction(), 0, 1);
    violations.check(
        !part.hasWeight() || (part.getWeight() > 0 && part.getWeight() <= 1e9),
        "weight",
        "must be above 0 and at most 1000000000");
    violations.known("state", part.getState() != SubOperationState.UNRECOGNIZED);
  }

  private static void log(Violations violations, LogEntry line) {
    violations.check(
        line.getLevel() != LogLevel.LOG_LEVEL_UNSPECIFIED
            && line.getLevel() != LogLevel.UNRECOGNIZED,
        "level",
        "must be one of DEBUG, INFO, MILESTONE, WARNING, ERROR");
    violations.check(
        !line.getMessage().isEmpty() && line.getMessage().length() <= MAX_LOG_CHARS,
        "message",
        "must be 1 to " + MAX_LOG_CHARS + " characters");
    violations.bytes("context", line.getContext(), MAX_DATA_BYTES);
    violations.atMost("stage", line.getStage(), 256);
    time(violations, "write_time", line.getWriteTime());
  }

  /** Checks items, of a new job or of a report. */
  public static void items(Violations violations, String field, List<Item> items) {
    violations.check(items.size() <= MAX_ITEMS, field, "must be at most " + MAX_ITEMS);
    for (int i = 0; i < items.size() && !violations.isFull(); i++) {
      violations.enter(field, i);
      item(violations, items.get(i));
    }
    violations.leave();
  }

  private static void item(Violations violations, Item item) {
    violations.check(
        !item.getId().isEmpty() && item.getId().length() <= 256,
        "id",
        "must be 1 to 256 characters");
    projectId(violations, "project_id", item.getProjectId());
    violations.known("state", item.getState() != ItemState.UNRECOGNIZED);
    violations.bytes("data", item.getData(), MAX_DATA_BYTES);
    violations.atMost("message", item.getMessage(), 4_096);
  }

  /**
   * Checks why a worker failed. Long texts are cut by {@link #cut}, not refused: an error must get
   * through.
   */
  public static void error(Violations violations, JobError error) {
    violations.check(
        ERROR_CODE.matcher(error.getCode()).matches(),
        "error.code",
        "must be 1 to 64 characters out of A-Z 0-9 _, starting with a letter");
    violations.bytes("error.details", error.getDetails(), MAX_DATA_BYTES);
  }

  /** The error with its texts cut to what a job keeps. */
  public static JobError cut(JobError error) {
    return error.toBuilder()
        .setMessage(cut(error.getMessage(), 4_096))
        .setStackTrace(cut(error.getStackTrace(), 16_384))
        .build();
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end);
  }

  /** Checks the result of a job. */
  public static void result(Violations violations, MessageLite result) {
    violations.bytes("result", result, MAX_BLOB_BYTES);
  }

  /** Checks a point in time; unset is fine. */
  public static void time(Violations violations, String field, Timestamp time) {
    violations.check(
        time.getSeconds() >= 0
            && time.getSeconds() < 253_402_300_800L
            && time.getNanos() >= 0
            && time.getNanos() < 1_000_000_000,
        field,
        "must be between 1970-01-01 and 9999-12-31");
  }
}
