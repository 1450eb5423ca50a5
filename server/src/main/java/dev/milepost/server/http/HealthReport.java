package dev.milepost.server.http;

import java.time.Instant;
import java.util.List;

/**
 * What the health pages show. Immutable.
 *
 * @param isLive whether the process works; false if only a restart can help
 * @param isServing whether the server accepts calls and its store can be reached
 * @param parts what the server needs, in the order in which it is shown
 */
public record HealthReport(boolean isLive, boolean isServing, List<Part> parts) {
  /** Copies the list. */
  public HealthReport {
    parts = List.copyOf(parts);
  }

  /**
   * One thing that the server needs.
   *
   * @param name its name, a short word
   * @param state one word that says how it is doing
   * @param isReady whether the server can do its work with it
   * @param since when this state began
   * @param reason what is wrong and what to do; empty if nothing is
   */
  public record Part(String name, String state, boolean isReady, Instant since, String reason) {}

  /** Returns whether the server can do all of its work. */
  public boolean isReady() {
    return isServing && parts.stream().allMatch(Part::isReady);
  }

  /** Returns the page for {@code /health/live}. */
  String live() {
    return "{\"live\":" + isLive + "}\n";
  }

  /** Returns the page for {@code /health/ready}: one JSON object with a member for each part. */
  String ready() {
    StringBuilder json = new StringBuilder("{\"ready\":").append(isReady());
    for (Part part : parts) {
      json.append(",\"").append(part.name).append("\":{\"state\":\"").append(part.state);
      json.append("\",\"since\":\"").append(part.since).append('"');
      if (!part.reason.isEmpty()) {
        json.append(",\"reason\":\"");
        part.reason.codePoints().forEach(c -> append(json, c));
        json.append('"');
      }
      json.append('}');
    }
    return json.append("}\n").toString();
  }

  private static void append(StringBuilder json, int codePoint) {
    if (codePoint == '"' || codePoint == '\\') {
      json.append('\\').append((char) codePoint);
    } else if (codePoint < ' ') {
      json.append("\\u%04x".formatted(codePoint));
    } else {
      json.appendCodePoint(codePoint);
    }
  }
}
