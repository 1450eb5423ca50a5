package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchJobsResponse;
import java.util.Locale;

/** The names of server-sent events. */
final class EventNames {
  private static final String PREFIX = "WATCH_EVENT_";

  private EventNames() {}

  /**
   * Returns the name for a message: the event of a list watch ({@code entered}), what a job watch
   * brings ({@code job}, {@code update}, {@code bookmark}), the case of a oneof, or {@code
   * message}.
   */
  static String of(Message message) {
    if (message instanceof WatchJobsResponse list) {
      String name = list.getEvent().name();
      return name.startsWith(PREFIX)
          ? name.substring(PREFIX.length()).toLowerCase(Locale.ROOT)
          : "message";
    }
    if (message instanceof WatchJobResponse one) {
      return of(one);
    }
    for (OneofDescriptor oneof : message.getDescriptorForType().getRealOneofs()) {
      FieldDescriptor set = message.getOneofFieldDescriptor(oneof);
      if (set != null) {
        return set.getName();
      }
    }
    return "message";
  }

  private static String of(WatchJobResponse one) {
    if (one.hasJob()) {
      return "job";
    }
    return one.hasStatus() || one.getEntriesCount() > 0 || one.getSkippedCount() > 0
        ? "update"
        : "bookmark";
  }
}
