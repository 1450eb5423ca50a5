package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;

/** How a stream of messages is written. One instance writes one stream. */
interface EventFormat {
  /** Returns the media type. */
  String contentType();

  /** Returns a message of the stream. */
  String message(Message message);

  /** Returns the end of a stream that has completed. */
  String end();

  /**
   * Returns the end of a stream that has failed.
   *
   * @param error as {@link Json#printError} has it
   */
  String error(String error);

  /** Returns what shows that the stream is alive, and means nothing. */
  String keepAlive();
}
