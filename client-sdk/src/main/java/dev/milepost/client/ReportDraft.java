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

/** A report that is being gathered. Not thread-safe. */
final class ReportDraft {
  /** One below the limit of the contract: room for a line about what the server refused. */
  private static final int MAX_LOGS = 999;

  /** Limit of the contract. */
  private static final int MAX_ITEMS = 2_000;

  /** Well below the 4 MiB of a message, whatever one more line or item may take. */
  private static final int MAX_BYTES = 1 << 20;

  private final List<LogEntry> logs = new ArrayList<>();
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final Map<String, Long> increments = new LinkedHashMap<>();
  private final Map<String, Long> values = new LinkedHashMap<>();
  private @Nullable Stage stage;
  private @Nullable Struct checkpoint;
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

  /** Lines and stages that wait in here. */
  int lines() {
    return logs.size() + (stage == null ? 0 : 1);
  }

  /** What the lines and items in here take, about. */
  long bytes() {
    return bytes;
  }

  void log(LogEntry line) {
    logs.add(line);
    bytes += line.getSerializedSize();
  }

  /** Of an item only the latest is kept, together with what only an earlier one carried. */
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
    increments.merge(name, units, Long::sum);
  }

  /** The server sets values before it adds increments: what was added before the value is void. */
  void setOutcome(String name, long value) {
    increments.remove(name);
    values.put(name, value);
  }

  /** Whether a stage of that name can go in here, with nothing getting out of order or lost. */
  boolean takesStage(Stage next) {
    return stage == null ? logs.isEmpty() : stage.getName().equals(next.getName());
  }

  void stage(Stage next) {
    stage = next;
  }

  void checkpoint(Struct struct) {
    checkpoint = struct;
  }

  Report build(long seq, @Nullable Progress progress) {
    Report.Builder report =
        Report.newBuilder()
            .setReportSeq(seq)
            .addAllLogs(logs)
            .addAllItems(items.values())
            .putAllOutcomeIncrements(increments)
            .putAllOutcomeValues(values);
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
