package dev.milepost.server.boundary;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A valid request.
 *
 * @param name tells two samples of one method apart
 * @param messages its messages, in order
 * @param index which of them is changed
 * @param jobId the job that it is about; empty if the response says it, or if there is none
 */
record Sample(String name, List<Message> messages, int index, String jobId) {
  static Sample of(Message request) {
    return of(request, "");
  }

  static Sample of(Message request, String jobId) {
    return new Sample("", List.of(request), 0, jobId);
  }

  Message changed() {
    return messages.get(index);
  }

  /** Returns the request with another message in place of the one that is changed. */
  List<Message> with(Message message) {
    List<Message> all = new ArrayList<>(messages);
    all.set(index, message);
    return all;
  }
}
