package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Checks jobs and items against the limits that the contract documents. See {@link SpecValidation}
 * for specs and {@link ReportValidation} for reports.
 */
public final class JobValidation {
  /** Maximum number of items of a job. */
  public static final int MAX_ITEMS = 2_000;

  private static final int MAX_DATA_BYTES = 16 * 1024;
  private static final int MAX_LABELS = 64;
  private static final Pattern REQUEST_ID = Pattern.compile("[\\x20-\\x7e]{0,128}");

  private JobValidation() {}

  /** Checks the id of a job. */
  public static void jobId(FieldChecks violations, String field, String id) {
    violations.check(
        isName(id, "._~-"),
        field,
        "must be 1 to 128 characters from A-Z a-z 0-9 . _ ~ -, starting with a letter or digit");
  }

  /** Checks a request_id, which may be empty. */
  public static void requestId(FieldChecks violations, String id) {
    violations.check(
        REQUEST_ID.matcher(id).matches(),
        "request_id",
        "must be at most 128 printable ASCII characters");
  }

  /** Checks the type of a job. */
  public static void type(FieldChecks violations, String field, String type) {
    violations.check(
        isName(type, "._:/-"),
        field,
        "must be 1 to 128 characters from A-Z a-z 0-9 . _ : / -, starting with a letter or"
            + " digit");
  }

  /** Whether a text has 1 to 128 letters, digits and marks, and does not start with a mark. */
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

  /** ASCII only. A regular expression would allocate some 200 bytes for each name. */
  private static boolean isLetterOrDigit(char character) {
    return (character >= 'A' && character <= 'Z')
        || (character >= 'a' && character <= 'z')
        || (character >= '0' && character <= '9');
  }

  /** Checks labels, of a job or of a filter. */
  public static void labels(FieldChecks violations, String field, Map<String, String> labels) {
    violations.count(field, labels.size(), MAX_LABELS);
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (violations.isFull()) {
        return;
      }
      String key = label.getKey();
      violations.check(
          !key.isEmpty() && !Texts.isLonger(key, 63),
          field,
          "must have keys of 1 to 63 characters");
      violations.check(
          !Texts.isLonger(label.getValue(), 256),
          field,
          "must have values of at most 256 characters");
      violations.check(
          !Texts.hasControls(key) && !Texts.hasControls(label.getValue()),
          field,
          "must not contain control characters");
    }
  }

  /** Checks the id of a project, which may be empty. */
  public static void projectId(FieldChecks violations, String field, String projectId) {
    violations.line(field, projectId, 128);
  }

  /** Checks the user that a job is to belong to, which may be empty. */
  public static void userId(FieldChecks violations, String field, String userId) {
    violations.check(userId.isEmpty() || Names.isName(userId), field, "must be " + Names.RULE);
  }

  /** Checks the user by whom jobs are selected, which may be empty. */
  public static void owner(FieldChecks violations, String field, String userId) {
    violations.check(userId.isEmpty() || Names.isOwner(userId), field, "must be " + Names.RULE);
  }

  /** Checks the name of a tenant, which may be empty. */
  public static void tenantId(FieldChecks violations, String field, String tenantId) {
    violations.check(tenantId.isEmpty() || Names.isName(tenantId), field, "must be " + Names.RULE);
  }

  /** Checks the name of a worker. */
  public static void workerId(FieldChecks violations, String field, String workerId) {
    violations.name(field, workerId, 128);
  }

  /** Checks items, of a new job or of a report. */
  public static void items(FieldChecks violations, String field, List<Item> items) {
    violations.count(field, items.size(), MAX_ITEMS);
    for (int i = 0; i < items.size() && !violations.isFull(); i++) {
      violations.enter(field, i);
      item(violations, items.get(i));
    }
    violations.leave();
  }

  private static void item(FieldChecks violations, Item item) {
    violations.name("id", item.getId(), 256);
    projectId(violations, "project_id", item.getProjectId());
    violations.known("state", item.getState() != ItemState.UNRECOGNIZED);
    StructLimits.check(violations, "data", item.getData(), MAX_DATA_BYTES);
    violations.atMost("message", item.getMessage(), 4_096);
  }

  /** Checks a point in time, which may be unset. */
  public static void time(FieldChecks violations, String field, Timestamp time) {
    violations.check(
        time.getSeconds() >= 0
            && time.getSeconds() < 253_402_300_800L
            && time.getNanos() >= 0
            && time.getNanos() < 1_000_000_000,
        field,
        "must be between 1970-01-01 and 9999-12-31");
  }
}
