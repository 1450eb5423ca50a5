package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;

/**
 * Lines of JSON ({@code application/x-ndjson}): each message is a line. A stream that fails ends
 * with the line {@code {"error": ...}}.
 */
final class JsonLines implements EventFormat {
  static final String CONTENT_TYPE = "application/x-ndjson";

  private final Json json;

  JsonLines(Json json) {
    this.json = json;
  }

  @Override
  public String contentType() {
    return CONTENT_TYPE;
  }

  @Override
  public String message(Message message) {
    return json.print(message) + "\n";
  }

  @Override
  public String end() {
    return "";
  }

  @Override
  public String error(String error) {
    return error + "\n";
  }

  /** An empty line, which readers of the format skip. */
  @Override
  public String keepAlive() {
    return "\n";
  }
}
