package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report that is still being filled. Not thread-safe. */
final class ReportDraft {
  /** One below the contract's limit, which leaves room for a line about rejected content. */
  private static final int MAX_LOGS = 999;

  /** The contract's limit. */
  private static final int MAX_ITEMS = 2_000;

  /** Far enough below the 4 MiB message limit for one more line or item of any size. */
  private static final int MAX_BYTES = 1 << 20;

  /** A name of 64 characters, its value, and what surrounds them. */
  private static final int MAX_COUNTER_BYTES = 280;

  private final List<LogEntry> logs = new ArrayList<>();
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final Map<String, Long> increments = new LinkedHashMap<>();
  private final Map<String, Long> values = new LinkedHashMap<>();
  private @Nullable Stage stage;
  private @Nullable Struct checkpoint;
  private long droppedLines;
  private long bytes;

  boolean isEmpty() {
    return logs.isEmpty()
        && items.isEmpty()
        && increments.isEmpty()
        && values.isEmpty()
        && stage == null
        && checkpoint == null;
  }

  boolean isFull() {
    return logs.size() >= MAX_LOGS || items.size() >= MAX_ITEMS || bytes >= MAX_BYTES;
  }

  /** Number of log lines, plus one for a stage. */
  int lines() {
    return logs.size() + (stage == null ? 0 : 1);
  }

  /** Approximate size of everything but the progress. */
  long bytes() {
    return bytes;
  }

  void log(LogEntry line) {
    logs.add(line);
    bytes += line.getSerializedSize();
  }

  /** Merges an item into an earlier one of the same id, so that only the latest state is sent. */
  void item(Item item) {
    Item before = items.get(item.getId());
    Item merged = before == null ? item : before.toBuilder().mergeFrom(item).build();
    if (before != null && item.getState() == ItemState.ITEM_STATE_UNSPECIFIED) {
      merged = merged.toBuilder().setState(ItemState.ITEM_STATE_UNSPECIFIED).build();
    }
    items.put(item.getId(), merged);
    bytes += merged.getSerializedSize() - (before == null ? 0 : before.getSerializedSize());
  }

  void addOutcome(String name, long units) {
    int before = increments.size();
    increments.merge(name, units, Saturated::add);
    bytes += (increments.size() - before) * (long) MAX_COUNTER_BYTES;
  }

  /** Discards earlier increments, because the server applies values before increments. */
  void setOutcome(String name, long value) {
    increments.remove(name);
    if (values.put(name, value) == null) {
      bytes += MAX_COUNTER_BYTES;
    }
  }

  /** Whether the draft can take this stage without losing or reordering anything. */
  boolean takesStage(Stage next) {
    return stage == null ? logs.isEmpty() : stage.getName().equals(next.getName());
  }

  void stage(Stage next) {
    stage = next;
  }

  void checkpoint(Struct struct) {
    bytes += struct.getSerializedSize() - (checkpoint == null ? 0 : checkpoint.getSerializedSize());
    checkpoint = struct;
  }

  /** Notes that lines were dropped before those that are added from now on. */
  void dropped(long lines) {
    droppedLines += lines;
  }

  Report build(long seq, @Nullable Progress progress) {
    Report.Builder report =
        Report.newBuilder()
            .setReportSeq(seq)
            .addAllLogs(logs)
            .addAllItems(items.values())
            .putAllOutcomeIncrements(increments)
            .putAllOutcomeValues(values)
            .setDroppedLines(droppedLines);
    if (progress != null) {
      report.setProgress(progress);
    }
    if (stage != null) {
      report.setStage(stage);
    }
    if (checkpoint != null) {
      report.setCheckpoint(checkpoint);
    }
    return report.build();
  }
}
