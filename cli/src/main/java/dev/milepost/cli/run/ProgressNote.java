package dev.milepost.cli.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a program says about its progress, in one line: {@code 25/100 files}, {@code 25 %}, {@code
 * 25}, or a JSON object with any of {@code current}, {@code total}, {@code unit}, {@code percent},
 * {@code message}, {@code stage} and {@code counters} (a map of names to what is added to them).
 *
 * @param current units done
 * @param total units in all
 * @param unit what is counted
 * @param percent 0 to 100, in place of the units
 * @param message the line shown with the progress
 * @param stage the stage that begins
 * @param counters what is added to outcome counters
 */
record ProgressNote(
    Optional<Long> current,
    Optional<Long> total,
    Optional<String> unit,
    Optional<Double> percent,
    Optional<String> message,
    Optional<String> stage,
    Map<String, Long> counters) {
  private static final Pattern UNITS =
      Pattern.compile("(\\d{1,18})\\s*/\\s*(\\d{1,18})(?:\\s+(\\S.*))?");
  private static final Pattern PERCENT =
      Pattern.compile("(\\d{1,3}(?:\\.\\d+)?)\\s*%(?:\\s+(\\S.*))?");
  private static final Pattern COUNT = Pattern.compile("(\\d{1,18})(?:\\s+([^\\s%].*))?");
  private static final int MAX_UNIT = 64;
  private static final int MAX_MESSAGE = 1_024;

  /** Reads a line; empty if it says nothing about progress. */
  static Optional<ProgressNote> parse(String line) {
    String text = line.strip();
    if (text.startsWith("{")) {
      return json(text);
    }
    Matcher units = UNITS.matcher(text);
    if (units.matches()) {
      return Optional.of(
          of(
              Optional.of(Long.valueOf(units.group(1))),
              Optional.of(Long.valueOf(units.group(2))),
              unit(units.group(3)),
              Optional.empty()));
    }
    Matcher percent = PERCENT.matcher(text);
    if (percent.matches() && Double.parseDouble(percent.group(1)) <= 100) {
      return Optional.of(
          new ProgressNote(
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(Double.valueOf(percent.group(1))),
              message(percent.group(2)),
              Optional.empty(),
              Map.of()));
    }
    Matcher count = COUNT.matcher(text);
    return count.matches()
        ? Optional.of(
            of(
                Optional.of(Long.valueOf(count.group(1))),
                Optional.empty(),
                unit(count.group(2)),
                Optional.empty()))
        : Optional.empty();
  }

  /**
   * Reads what a pattern finds in a line of output: the groups {@code current}, {@code total},
   * {@code percent} and {@code unit}, or the first two groups as current and total, or the only one
   * as percent.
   */
  static Optional<ProgressNote> find(Pattern pattern, String line) {
    Matcher found = pattern.matcher(line);
    if (!found.find()) {
      return Optional.empty();
    }
    try {
      Optional<Long> current = group(found, "current", 1).map(Long::valueOf);
      if (found.groupCount() >= 2) {
        return Optional.of(
            of(
                current,
                group(found, "total", 2).map(Long::valueOf),
                Optional.empty(),
                Optional.empty()));
      }
      Optional<Double> percent =
          group(found, "percent", 1).map(Double::valueOf).filter(value -> value <= 100);
      return percent.map(
          value -> of(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(value)));
    } catch (NumberFormatException e) {
      // The pattern found something that is no number.
      return Optional.empty();
    }
  }

  private static Optional<String> group(Matcher found, String name, int number) {
    try {
      return Optional.ofNullable(found.group(name));
    } catch (IllegalArgumentException e) {
      return found.groupCount() < number
          ? Optional.empty()
          : Optional.ofNullable(found.group(number));
    }
  }

  private static Optional<ProgressNote> json(String text) {
    try {
      JsonObject object = JsonParser.parseString(text).getAsJsonObject();
      Map<String, Long> counters = new TreeMap<>();
      if (object.get("counters") instanceof JsonObject added) {
        for (Map.Entry<String, JsonElement> counter : added.entrySet()) {
          counters.put(counter.getKey(), counter.getValue().getAsBigDecimal().longValueExact());
        }
      }
      return Optional.of(
          new ProgressNote(
              primitive(object, "current").map(value -> value.getAsBigDecimal().longValueExact()),
              primitive(object, "total").map(value -> value.getAsBigDecimal().longValueExact()),
              primitive(object, "unit").flatMap(value -> unit(value.getAsString())),
              primitive(object, "percent")
                  .map(JsonPrimitive::getAsDouble)
                  .filter(value -> value >= 0 && value <= 100),
              primitive(object, "message").flatMap(value -> message(value.getAsString())),
              primitive(object, "stage").map(JsonPrimitive::getAsString),
              counters));
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | ArithmeticException
        | NumberFormatException e) {
      // A program is not stopped by a line that it writes badly.
      return Optional.empty();
    }
  }

  private static Optional<JsonPrimitive> primitive(JsonObject object, String name) {
    return object.get(name) instanceof JsonPrimitive value ? Optional.of(value) : Optional.empty();
  }

  private static ProgressNote of(
      Optional<Long> current,
      Optional<Long> total,
      Optional<String> unit,
      Optional<Double> percent) {
    return new ProgressNote(
        current, total, unit, percent, Optional.empty(), Optional.empty(), Map.of());
  }

  private static Optional<String> unit(@Nullable String text) {
    return Optional.ofNullable(text).map(unit -> cut(unit, MAX_UNIT));
  }

  private static Optional<String> message(@Nullable String text) {
    return Optional.ofNullable(text).map(message -> cut(message, MAX_MESSAGE));
  }

  private static String cut(String text, int length) {
    return text.length() <= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, length) - 1));
  }
}
