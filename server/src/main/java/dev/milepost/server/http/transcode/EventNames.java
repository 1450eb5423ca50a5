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
  private static final String BOOKMARK = "bookmark";

  private EventNames() {}

  /**
   * Returns the name for a message: the event of a list watch ({@code entered}), what a job watch
   * brings ({@code job}, {@code update}, {@code bookmark}), or else the field that is set, such as
   * {@code task}; {@code bookmark} if none is.
   */
  static String of(Message message) {
    if (message instanceof WatchJobsResponse list) {
      String name = list.getEvent().name();
      return name.startsWith(PREFIX)
          ? name.substring(PREFIX.length()).toLowerCase(Locale.ROOT)
          : "message";
    }
    return message instanceof WatchJobResponse one ? of(one) : ofContent(message);
  }

  private static String ofContent(Message message) {
    for (OneofDescriptor oneof : message.getDescriptorForType().getRealOneofs()) {
      FieldDescriptor set = message.getOneofFieldDescriptor(oneof);
      if (set != null) {
        return set.getName();
      }
    }
    return message.getAllFields().keySet().stream()
        .filter(field -> !field.isRepeated() && field.getType() == FieldDescriptor.Type.MESSAGE)
        .map(FieldDescriptor::getName)
        .findFirst()
        .orElse(message.getAllFields().isEmpty() ? BOOKMARK : "message");
  }

  private static String of(WatchJobResponse one) {
    if (one.hasJob()) {
      return "job";
    }
    return one.hasStatus() || one.getEntriesCount() > 0 || one.getSkippedCount() > 0
        ? "update"
        : BOOKMARK;
  }
}
