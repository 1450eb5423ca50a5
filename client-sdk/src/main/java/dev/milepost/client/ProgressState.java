package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The job's progress, and whether it has unreported changes. Not thread-safe. */
final class ProgressState {
  private static final int MAX_SUB_OPERATIONS = 100;

  private final Progress.Builder progress = Progress.newBuilder();
  private final Map<String, SubOperation> subOperations = new LinkedHashMap<>();
  private boolean changed;

  boolean isChanged() {
    return changed;
  }

  /** Returns the current progress and marks it as reported. */
  Progress take() {
    changed = false;
    return peek();
  }

  Progress peek() {
    return progress.clone().addAllSubOperations(subOperations.values()).build();
  }

  /** Returns the builder to change; cheap, because nothing is built. */
  Progress.Builder change() {
    changed = true;
    return progress;
  }

  void add(SubOperation added) {
    if (subOperations.size() >= MAX_SUB_OPERATIONS) {
      throw new IllegalArgumentException(
          "a pipeline can have at most " + MAX_SUB_OPERATIONS + " sub-operations");
    }
    if (subOperations.putIfAbsent(added.getId(), added) != null) {
      throw new IllegalArgumentException("sub-operation " + added.getId() + " exists already");
    }
    changed = true;
  }

  void change(String id, UnaryOperator<SubOperation> change) {
    SubOperation old = subOperations.get(id);
    if (old == null) {
      throw new IllegalArgumentException("unknown sub-operation " + id + ": add it first");
    }
    subOperations.put(id, change.apply(old));
    changed = true;
  }

  void end(String id, SubOperationState state) {
    change(
        id,
        old -> {
          SubOperation.Builder ended = old.toBuilder().setState(state);
          return state == SubOperationState.SUB_OPERATION_STATE_DONE
              ? ended.setFraction(1).build()
              : ended.build();
        });
  }
}
