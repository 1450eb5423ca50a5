package dev.milepost.server.copy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Splits a job into parts for an export, and joins them again. */
public final class JobParts {
  /** Approximate size of a part; one entry or item alone may be larger. */
  static final int PART_BYTES = 256 << 10;

  private JobParts() {}

  /** Returns the parts of a job, in order. */
  public static List<ExportJobsResponse> of(WholeJob job) {
    JobRecord around = job.record().toBuilder().clearJob().build();
    Cut cut = new Cut();
    cut.take(
        job.record(),
        part -> part.setJob(job.record().getJob()).setStorageRecord(around.toByteString()));
    for (JournalEntry entry : job.journal()) {
      cut.take(entry, part -> part.addEntries(entry));
    }
    for (Item item : job.items()) {
      cut.take(item, part -> part.addItems(item));
    }
    return cut.end();
  }

  /** Fills one part after the other. */
  private static final class Cut {
    private final List<ExportJobsResponse> parts = new ArrayList<>();
    private ExportJobsResponse.Builder part = ExportJobsResponse.newBuilder();
    private int bytes;

    void take(MessageLite thing, Consumer<ExportJobsResponse.Builder> add) {
      int size = thing.getSerializedSize();
      if (bytes > 0 && bytes + size > PART_BYTES) {
        parts.add(part.build());
        part = ExportJobsResponse.newBuilder();
        bytes = 0;
      }
      add.accept(part);
      bytes += size;
    }

    List<ExportJobsResponse> end() {
      parts.add(part.setLast(true).build());
      return parts;
    }
  }

  /**
   * Joins the parts of a job.
   *
   * @param parts all parts of one job, in order
   * @throws IllegalArgumentException if they are not
   */
  public static WholeJob join(List<ExportJobsResponse> parts) {
    List<JournalEntry> journal = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      ExportJobsResponse part = parts.get(i);
      if (part.hasJob() != (i == 0) || part.getLast() != (i == parts.size() - 1)) {
        throw new IllegalArgumentException("a part of a job is missing");
      }
      journal.addAll(part.getEntriesList());
      items.addAll(part.getItemsList());
    }
    return new WholeJob(record(parts.get(0)), journal, items);
  }

  private static JobRecord record(ExportJobsResponse first) {
    ByteString around = first.getStorageRecord();
    try {
      return JobRecord.parseFrom(around).toBuilder().setJob(first.getJob()).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "a job has a format that this version does not support", e);
    }
  }
}
