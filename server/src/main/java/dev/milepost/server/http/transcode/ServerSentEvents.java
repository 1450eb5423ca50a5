package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;

/**
 * Server-sent events ({@code text/event-stream}), which browsers read. Each message is an event
 * with the position after it as its id, if it has one. The last event is {@code end} or {@code
 * error}, so that clients know whether to reconnect.
 */
final class ServerSentEvents implements EventFormat {
  static final String CONTENT_TYPE = "text/event-stream";

  private final Json json;
  private final StreamPosition position;

  ServerSentEvents(Json json, StreamPosition position) {
    this.json = json;
    this.position = position;
  }

  @Override
  public String contentType() {
    return CONTENT_TYPE;
  }

  @Override
  public String message(Message message) {
    String id = position.after(message);
    return (id.isEmpty() ? "" : "id: " + id + "\n")
        + event(EventNames.of(message), json.print(message));
  }

  @Override
  public String end() {
    return event("end", "{}");
  }

  @Override
  public String error(String error) {
    return event("error", error);
  }

  @Override
  public String keepAlive() {
    return ": keep-alive\n\n";
  }

  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }
}
