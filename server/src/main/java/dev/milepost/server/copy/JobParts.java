package dev.milepost.server.copy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.milepost.server.job.JournalCap;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Makes the messages of an export from the parts of a job, and parts from messages. Used once, by
 * one thread at a time.
 */
public final class JobParts {
  /** Approximate size of a message; one entry or item alone may be larger. */
  static final int MESSAGE_BYTES = 256 << 10;

  private final Queue<ExportJobsResponse> messages = new ArrayDeque<>();
  private ExportJobsResponse.Builder message = ExportJobsResponse.newBuilder();
  private int bytes;
  private LogCounts counts = LogCounts.getDefaultInstance();

  /** Begins the messages of a job. */
  public JobParts(JobRecord record) {
    JobRecord around = record.toBuilder().clearJob().build();
    take(record, first -> first.setJob(record.getJob()).setStorageRecord(around.toByteString()));
  }

  /** Adds the next part of the job. */
  public void add(JobPart part) {
    message
        .setUnreadableRuns(message.getUnreadableRuns() + part.unreadableRuns())
        .setUnreadableItems(message.getUnreadableItems() + part.unreadableItems());
    if (!part.entries().isEmpty()) {
      counts = part.countsBefore();
    }
    for (JournalEntry entry : part.entries()) {
      take(entry, to -> to.addEntries(entry));
      counts = JournalCap.count(counts, entry, Integer.MAX_VALUE);
      message.setLogCounts(counts);
    }
    for (Item item : part.items()) {
      take(item, to -> to.addItems(item));
    }
  }

  private void take(MessageLite thing, Consumer<ExportJobsResponse.Builder> add) {
    int size = thing.getSerializedSize();
    if (bytes > 0 && bytes + size > MESSAGE_BYTES) {
      messages.add(message.build());
      message = ExportJobsResponse.newBuilder();
      bytes = 0;
    }
    add.accept(message);
    bytes += size;
  }

  /** Ends the messages after the last part. */
  public void end() {
    messages.add(message.setLast(true).build());
  }

  /** Removes and returns the messages that are complete, in order. */
  public Queue<ExportJobsResponse> take() {
    Queue<ExportJobsResponse> complete = new ArrayDeque<>(messages);
    messages.clear();
    return complete;
  }

  /** Returns what a message contains of a job's journal and items. */
  public static JobPart part(ExportJobsResponse message) {
    return new JobPart(
        message.getEntriesList(),
        message.getLogCounts(),
        message.getItemsList(),
        message.getUnreadableRuns(),
        message.getUnreadableItems());
  }

  /**
   * Returns the record of a job from its first message.
   *
   * @throws IllegalArgumentException if it is not the first, or of a format that is not known
   */
  public static JobRecord record(ExportJobsResponse first) {
    if (!first.hasJob()) {
      throw new IllegalArgumentException("a part of a job is missing");
    }
    ByteString around = first.getStorageRecord();
    try {
      return JobRecord.parseFrom(around).toBuilder()
          .setJob(RecordUpgrade.current(first.getJob()))
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "a job has a format that this version does not support", e);
    }
  }
}
