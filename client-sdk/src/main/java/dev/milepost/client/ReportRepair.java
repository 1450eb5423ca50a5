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
 * Makes a report that the server takes out of one that it refused: without what was bad in it, and
 * with a line that says so. What cannot be written is not lost in silence, and nothing else is lost
 * with it.
 */
final class ReportRepair {
  /** The contract's path of a field: "report.items[3].id". */
  private static final Pattern FIELD = Pattern.compile("report\\.(\\w+)(?:\\[(\\d+)])?.*");

  private ReportRepair() {}

  /** Whether the report is what is bad. */
  static boolean concerns(List<InvalidRequestException.Violation> violations) {
    return violations.isEmpty()
        || violations.stream().anyMatch(bad -> FIELD.matcher(bad.field()).matches());
  }

  /** The report without the fields that are bad; without anything where that is not known. */
  static Report without(
      Report report, List<InvalidRequestException.Violation> violations, String message) {
    Report.Builder repaired = report.toBuilder();
    List<Integer> badLines = new ArrayList<>();
    for (InvalidRequestException.Violation bad : violations) {
      Matcher field = FIELD.matcher(bad.field());
      if (field.matches()) {
        clear(repaired, field.group(1), field.group(2), badLines);
      }
    }
    badLines.stream().distinct().sorted(Comparator.reverseOrder()).forEach(repaired::removeLogs);
    if (repaired.build().equals(report)) {
      repaired = Report.newBuilder().setReportSeq(report.getReportSeq());
    }
    String words = "Part of a report was refused by the server and left out: " + message;
    return repaired
        .addLogs(
            LogEntry.newBuilder()
                .setLevel(LogLevel.LOG_LEVEL_ERROR)
                .setMessage(Texts.cut(words, LogLines.MAX_MESSAGE)))
        .build();
  }

  private static void clear(
      Report.Builder report, String name, @Nullable String index, List<Integer> badLines) {
    var field = Report.getDescriptor().findFieldByName(name);
    if (field == null || field.getNumber() == Report.REPORT_SEQ_FIELD_NUMBER) {
      return;
    }
    if (field.getNumber() != Report.LOGS_FIELD_NUMBER) {
      report.clearField(field);
    } else if (index != null && Integer.parseInt(index) < report.getLogsCount()) {
      badLines.add(Integer.valueOf(index));
    }
  }
}
