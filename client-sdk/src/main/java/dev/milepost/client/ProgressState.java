package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** How far the job is, and whether that was reported. Not thread-safe. */
final class ProgressState {
  private static final int MAX_PARTS = 100;

  private final Progress.Builder progress = Progress.newBuilder();
  private final Map<String, SubOperation> parts = new LinkedHashMap<>();
  private boolean changed;

  boolean isChanged() {
    return changed;
  }

  /** The progress now; it counts as reported from then on. */
  Progress take() {
    changed = false;
    return peek();
  }

  Progress peek() {
    return progress.clone().addAllSubOperations(parts.values()).build();
  }

  /** A cheap change: nothing is built. */
  Progress.Builder change() {
    changed = true;
    return progress;
  }

  void addPart(SubOperation part) {
    if (parts.size() >= MAX_PARTS) {
      throw new IllegalArgumentException("a pipeline has at most " + MAX_PARTS + " parts");
    }
    if (parts.putIfAbsent(part.getId(), part) != null) {
      throw new IllegalArgumentException("there is a part " + part.getId() + " already");
    }
    changed = true;
  }

  void changePart(String id, UnaryOperator<SubOperation> change) {
    SubOperation part = parts.get(id);
    if (part == null) {
      throw new IllegalArgumentException("there is no part " + id + ": add it first");
    }
    parts.put(id, change.apply(part));
    changed = true;
  }

  static SubOperation ended(SubOperation part, SubOperationState state) {
    SubOperation.Builder ended = part.toBuilder().setState(state);
    return state == SubOperationState.SUB_OPERATION_STATE_DONE
        ? ended.setFraction(1).build()
        : ended.build();
  }
}
