package dev.milepost.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Repairs a report that the server rejected: removes the values that it names, and adds a log line
 * that says so. Only the invalid values are lost, and visibly.
 */
final class ReportRepair {
  /** A step of a field's path in the contract: "report.items[3].id" has three. */
  private static final Pattern STEP = Pattern.compile("(\\w+)(?:\\[(\\d+)])?(?:\\.|$)");

  private static final String ROOT = "report";
  private static final String PREFIX = "The server rejected a part of a report, which was left out";

  /** Without these, an element of a list means nothing, and is left out as a whole. */
  private static final Set<String> ESSENTIAL =
      Set.of(
          "milepost.v1.LogEntry.level",
          "milepost.v1.LogEntry.message",
          "milepost.v1.Item.id",
          "milepost.v1.Stage.name",
          "milepost.v1.SubOperation.id");

  private static final int MAX_COUNTER = 64;

  private ReportRepair() {}

  /** Whether the violations concern the report rather than the rest of the request. */
  static boolean concerns(List<InvalidRequestException.Violation> violations) {
    return violations.isEmpty()
        || violations.stream().anyMatch(violation -> !path(violation.field()).isEmpty());
  }

  /** Returns the report without its invalid values, or without any if those are not known. */
  static Report without(
      Report report, List<InvalidRequestException.Violation> violations, String message) {
    List<List<Step>> paths = new ArrayList<>();
    violations.forEach(violation -> paths.add(path(violation.field())));
    paths.removeIf(List::isEmpty);
    Report.Builder repaired = report.toBuilder();
    clear(repaired, paths);
    repaired.setReportSeq(report.getReportSeq());
    String fields =
        violations.stream()
            .map(violation -> violation.field() + " " + violation.description())
            .collect(Collectors.joining("; "));
    return repaired.build().equals(report)
        ? empty(report, message)
        : tell(repaired, fields.isEmpty() ? message : fields);
  }

  /** Returns a smaller report: without lines and items if it has any, else without anything. */
  static Report smaller(Report report, String message) {
    return report.getLogsCount() > 1 || report.getItemsCount() > 0
        ? tell(report.toBuilder().clearLogs().clearItems(), message)
        : empty(report, message);
  }

  /** Returns a report that only says that its content was rejected. */
  static Report empty(Report report, String message) {
    return tell(
        Report.newBuilder()
            .setReportSeq(report.getReportSeq())
            .setDroppedLines(Math.max(0, report.getDroppedLines())),
        message);
  }

  /** Says it in one line, however often a report is repaired: it may have no room for more. */
  private static Report tell(Report.Builder report, String why) {
    int last = report.getLogsCount() - 1;
    String before = PREFIX;
    if (last >= 0 && report.getLogs(last).getMessage().startsWith(PREFIX)) {
      before = report.getLogs(last).getMessage();
      report.removeLogs(last);
    }
    return report
        .addLogs(
            LogEntry.newBuilder()
                .setLevel(LogLevel.LOG_LEVEL_ERROR)
                .setMessage(Texts.cut(before + ": " + why, LogLines.MAX_MESSAGE)))
        .build();
  }

  /** Returns the steps of a path in the report; empty if it is another one. */
  private static List<Step> path(String field) {
    List<Step> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(field);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      end = matcher.end();
      String index = matcher.group(2);
      steps.add(new Step(matcher.group(1), index == null ? null : parse(index)));
    }
    boolean isInReport = !steps.isEmpty() && steps.get(0).name().equals(ROOT);
    return isInReport && steps.size() > 1 ? List.copyOf(steps.subList(1, steps.size())) : List.of();
  }

  private static int parse(String index) {
    return index.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(index);
  }

  /** Clears what the paths name; returns whether the message still means something. */
  private static boolean clear(Message.Builder message, List<List<Step>> paths) {
    Map<FieldDescriptor, List<List<Step>>> byField = new LinkedHashMap<>();
    for (List<Step> path : paths) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(path.get(0).name());
      if (field != null) {
        byField.computeIfAbsent(field, any -> new ArrayList<>()).add(path);
      }
    }
    byField.forEach((field, ofField) -> clear(message, field, ofField));
    return byField.keySet().stream().noneMatch(field -> ESSENTIAL.contains(field.getFullName()));
  }

  private static void clear(
      Message.Builder message, FieldDescriptor field, List<List<Step>> paths) {
    boolean isWhole =
        paths.stream().anyMatch(path -> path.size() == 1 && path.get(0).index() == null);
    if (isWhole && message instanceof Report.Builder report && clearCounters(report, field)) {
      return;
    } else if (isWhole
        || field.isMapField()
        || field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
      message.clearField(field);
    } else if (field.isRepeated()) {
      clearElements(message, field, paths);
    } else {
      Message.Builder part = ((Message) message.getField(field)).toBuilder();
      set(message, field, part, clear(part, rests(paths)));
    }
  }

  private static void set(
      Message.Builder message, FieldDescriptor field, Message.Builder part, boolean isKept) {
    if (isKept && !part.build().equals(message.getField(field))) {
      message.setField(field, part.build());
    } else {
      message.clearField(field);
    }
  }

  private static void clearElements(
      Message.Builder message, FieldDescriptor field, List<List<Step>> paths) {
    List<Message> kept = new ArrayList<>();
    for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
      Message element = (Message) message.getRepeatedField(field, i);
      Message repaired = element(element, i, paths);
      if (repaired != null) {
        kept.add(repaired);
      }
    }
    message.setField(field, kept);
  }

  /** Returns an element without what the paths name in it; null if it must go as a whole. */
  private static @Nullable Message element(Message element, int index, List<List<Step>> paths) {
    List<List<Step>> ofElement =
        paths.stream().filter(path -> Integer.valueOf(index).equals(path.get(0).index())).toList();
    if (ofElement.isEmpty()) {
      return element;
    }
    Message.Builder part = element.toBuilder();
    boolean isKept =
        ofElement.stream().allMatch(path -> path.size() > 1) && clear(part, rests(ofElement));
    return isKept && !part.build().equals(element) ? part.build() : null;
  }

  private static List<List<Step>> rests(List<List<Step>> paths) {
    return paths.stream()
        .filter(path -> path.size() > 1)
        .map(path -> path.subList(1, path.size()))
        .toList();
  }

  /**
   * Removes the counters that break the contract, of which the server names only the field; returns
   * false if there are none.
   */
  private static boolean clearCounters(Report.Builder report, FieldDescriptor field) {
    Map<String, Long> counters =
        switch (field.getNumber()) {
          case Report.OUTCOME_INCREMENTS_FIELD_NUMBER -> report.getOutcomeIncrementsMap();
          case Report.OUTCOME_VALUES_FIELD_NUMBER -> report.getOutcomeValuesMap();
          default -> Map.of();
        };
    List<String> invalid =
        counters.keySet().stream()
            .filter(
                name ->
                    name.isEmpty() || Texts.isLonger(name, MAX_COUNTER) || Texts.hasControls(name))
            .toList();
    boolean isIncrements = field.getNumber() == Report.OUTCOME_INCREMENTS_FIELD_NUMBER;
    invalid.forEach(isIncrements ? report::removeOutcomeIncrements : report::removeOutcomeValues);
    return !invalid.isEmpty();
  }

  /**
   * One step of a path.
   *
   * @param index position in a list; null if the whole field is meant
   */
  private record Step(String name, @Nullable Integer index) {}
}
