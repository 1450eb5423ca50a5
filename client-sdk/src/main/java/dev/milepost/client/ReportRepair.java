package dev.milepost.client;

import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Repairs a report that the server rejected: removes its invalid parts and adds a log line that
 * says so. Only the invalid parts are lost, and visibly.
 */
final class ReportRepair {
  /** A field's path in the contract: "report.items[3].id". */
  private static final Pattern FIELD = Pattern.compile("report\\.(\\w+)(?:\\[(\\d+)])?.*");

  private ReportRepair() {}

  /** Whether the violations concern the report rather than the rest of the request. */
  static boolean concerns(List<InvalidRequestException.Violation> violations) {
    return violations.isEmpty()
        || violations.stream().anyMatch(violation -> FIELD.matcher(violation.field()).matches());
  }

  /** Returns the report without its invalid fields, or without any if those are not known. */
  static Report without(
      Report report, List<InvalidRequestException.Violation> violations, String message) {
    Report.Builder repaired = report.toBuilder();
    List<Integer> invalidLines = new ArrayList<>();
    for (InvalidRequestException.Violation violation : violations) {
      Matcher field = FIELD.matcher(violation.field());
      if (field.matches()) {
        clear(repaired, field.group(1), field.group(2), invalidLines);
      }
    }
    invalidLines.stream()
        .distinct()
        .sorted(Comparator.reverseOrder())
        .forEach(repaired::removeLogs);
    if (repaired.build().equals(report)) {
      repaired = Report.newBuilder().setReportSeq(report.getReportSeq());
    }
    String text = "The server rejected a part of a report, which was left out: " + message;
    return repaired
        .addLogs(
            LogEntry.newBuilder()
                .setLevel(LogLevel.LOG_LEVEL_ERROR)
                .setMessage(Texts.cut(text, LogLines.MAX_MESSAGE)))
        .build();
  }

  private static void clear(
      Report.Builder report, String name, @Nullable String index, List<Integer> invalidLines) {
    var field = Report.getDescriptor().findFieldByName(name);
    if (field == null || field.getNumber() == Report.REPORT_SEQ_FIELD_NUMBER) {
      return;
    }
    if (field.getNumber() != Report.LOGS_FIELD_NUMBER) {
      report.clearField(field);
    } else if (index != null && Integer.parseInt(index) < report.getLogsCount()) {
      invalidLines.add(Integer.valueOf(index));
    }
  }
}
