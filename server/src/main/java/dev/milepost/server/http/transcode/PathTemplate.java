package dev.milepost.server.http.transcode;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The path of a {@code google.api.http} rule: literals, {@code *} (one segment), {@code **} (the
 * rest of the path), variables such as {@code {job_id}} and {@code {name=operations/**}}, and a
 * verb such as {@code :cancel}. Immutable.
 *
 * @param text the template as the contract has it
 * @param segments literals, {@code *} and {@code **}
 * @param variables the parts of the path that are fields of the request
 * @param verb what follows the last colon; empty if there is none
 */
record PathTemplate(String text, List<String> segments, List<Variable> variables, String verb) {
  private static final String ONE = "*";
  private static final String REST = "**";
  private static final Pattern PART = Pattern.compile("/(?:\\{([^}=]+)(?:=([^}]+))?}|([^/{}:]+))");

  /**
   * A variable.
   *
   * @param field path of the field of the request
   * @param from its first segment
   * @param to the segment after its last one, in the template
   */
  record Variable(String field, int from, int to) {}

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if it is none
   */
  static PathTemplate parse(String text) {
    List<String> segments = new ArrayList<>();
    List<Variable> variables = new ArrayList<>();
    Matcher part = PART.matcher(text);
    int end = 0;
    while (part.find() && part.start() == end) {
      int from = segments.size();
      if (part.group(1) == null) {
        segments.add(part.group(3));
      } else {
        segments.addAll(List.of((part.group(2) == null ? ONE : part.group(2)).split("/")));
        variables.add(new Variable(part.group(1), from, segments.size()));
      }
      end = part.end();
    }
    String verb = text.substring(end);
    boolean isValid =
        !segments.isEmpty()
            && (verb.isEmpty() || verb.matches(":[A-Za-z0-9]+"))
            && (!segments.contains(REST) || segments.indexOf(REST) == segments.size() - 1);
    if (!isValid) {
      throw new IllegalArgumentException("not a path template: " + text);
    }
    return new PathTemplate(
        text,
        List.copyOf(segments),
        List.copyOf(variables),
        verb.isEmpty() ? "" : verb.substring(1));
  }

  /**
   * Matches a path.
   *
   * @param path its segments, percent-encoded, without the verb
   * @param pathVerb its verb; empty if it has none
   * @return the decoded values by field; null if the path does not match
   */
  @Nullable Map<String, String> match(List<String> path, String pathVerb) {
    boolean hasRest = segments.get(segments.size() - 1).equals(REST);
    boolean fits =
        pathVerb.equals(verb)
            && (hasRest ? path.size() >= segments.size() : path.size() == segments.size());
    if (!fits) {
      return null;
    }
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      boolean isWild = segment.equals(ONE) || segment.equals(REST);
      if (isWild ? path.get(i).isEmpty() : !segment.equals(decode(path.get(i)))) {
        return null;
      }
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (Variable variable : variables) {
      int to = hasRest && variable.to() == segments.size() ? path.size() : variable.to();
      values.put(
          variable.field(),
          path.subList(variable.from(), to).stream()
              .map(PathTemplate::decode)
              .collect(Collectors.joining("/")));
    }
    return values;
  }

  /** A plus is no space in a path. The HTTP server has refused malformed percent signs. */
  private static String decode(String segment) {
    return segment.indexOf('%') < 0
        ? segment
        : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Returns the template with the names of its variables only, as OpenAPI writes it. */
  String withPlainVariables() {
    return text.replaceAll("\\{([^}=]+)=[^}]+}", "{$1}");
  }
}
