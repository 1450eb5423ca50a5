package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import java.text.ParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The position of one stream, as the id of its events. A client that sends the last one back as
 * {@code Last-Event-ID} resumes after it.
 *
 * <ul>
 *   <li>WatchJob: {@code SEQUENCE@CREATE_TIME}, so that a position of a deleted job is not taken
 *       for one of another job with its id.
 *   <li>WatchJobs: the resume token.
 * </ul>
 */
final class StreamPosition {
  /** The header with the last id that the client has seen. */
  static final String HEADER = "Last-Event-ID";

  private static final Pattern OF_JOB = Pattern.compile("([0-9]{1,19})@(.{1,40})");

  /** Of the watched job; the default before its first message. */
  private Timestamp createTime = Timestamp.getDefaultInstance();

  /**
   * Returns the request that resumes after a position.
   *
   * @param id the last event id
   * @throws ApiException if it is none of this stream
   */
  Message resume(Message request, String id) {
    if (request instanceof WatchJobRequest watch) {
      return resume(watch, id);
    }
    if (request instanceof WatchJobsRequest watch) {
      return watch.toBuilder().setResumeToken(id).build();
    }
    throw ApiException.invalid(HEADER, "This stream cannot be resumed: it has no positions.");
  }

  private WatchJobRequest resume(WatchJobRequest watch, String id) {
    Matcher parts = OF_JOB.matcher(id);
    try {
      if (parts.matches()) {
        createTime = Timestamps.parse(parts.group(2));
        return watch.toBuilder()
            .setAfterSequence(Long.parseLong(parts.group(1)))
            .setJobCreateTime(createTime)
            .build();
      }
    } catch (ParseException | NumberFormatException e) {
      // As for any other text.
    }
    throw ApiException.invalid(
        HEADER, "The header Last-Event-ID must be an id of an event of this stream.");
  }

  /** Returns the position after a message; empty if a watch cannot be resumed there. */
  String after(Message message) {
    if (message instanceof WatchJobsResponse list) {
      return list.getResumeToken();
    }
    if (message instanceof WatchJobResponse one) {
      if (one.hasJob()) {
        createTime = one.getJob().getCreateTime();
      }
      return createTime.equals(Timestamp.getDefaultInstance())
          ? ""
          : one.getSequence() + "@" + Timestamps.toString(createTime);
    }
    return "";
  }
}
