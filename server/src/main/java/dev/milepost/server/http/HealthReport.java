package dev.milepost.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Values;
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
    Struct.Builder page = Struct.newBuilder().putFields("ready", Values.of(isReady()));
    for (Part part : parts) {
      Struct.Builder member =
          Struct.newBuilder()
              .putFields("state", Values.of(part.state))
              .putFields("since", Values.of(part.since.toString()));
      if (!part.reason.isEmpty()) {
        member.putFields("reason", Values.of(part.reason));
      }
      page.putFields(part.name, Values.of(member.build()));
    }
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(page) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("A Struct of texts can always be printed.", e);
    }
  }
}
