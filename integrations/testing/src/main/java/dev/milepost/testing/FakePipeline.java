package dev.milepost.testing;

import dev.milepost.client.Pipeline;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records the sub-operations of a job. Thread-safe. */
final class FakePipeline implements Pipeline {
  private static final int MAX_SUB_OPERATIONS = 100;
  private static final int MAX_ID = 64;
  private static final double MIN_WEIGHT = 1e-9;
  private static final double MAX_WEIGHT = 1e9;

  private final Map<String, SubOperation> operations = new LinkedHashMap<>();

  synchronized List<SubOperation> subOperations() {
    return List.copyOf(operations.values());
  }

  @Override
  public synchronized Pipeline add(String id, String displayName, double weight) {
    if (id.isEmpty() || id.codePointCount(0, id.length()) > MAX_ID) {
      throw new IllegalArgumentException("the id must have 1 to " + MAX_ID + " characters");
    } else if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException("the weight must be at least 1e-9 and at most 1e9");
    } else if (operations.size() >= MAX_SUB_OPERATIONS) {
      throw new IllegalArgumentException(
          "a pipeline can have at most " + MAX_SUB_OPERATIONS + " sub-operations");
    } else if (operations.containsKey(id)) {
      throw new IllegalArgumentException("sub-operation " + id + " exists already");
    }
    operations.put(
        id,
        SubOperation.newBuilder()
            .setId(id)
            .setDisplayName(displayName)
            .setWeight(weight)
            .setState(SubOperationState.SUB_OPERATION_STATE_PENDING)
            .build());
    return this;
  }

  @Override
  public void update(String id, double fraction) {
    if (Double.isNaN(fraction)) {
      throw new IllegalArgumentException("the fraction is NaN");
    }
    change(id, SubOperationState.SUB_OPERATION_STATE_RUNNING, Math.max(0, Math.min(1, fraction)));
  }

  @Override
  public void complete(String id) {
    change(id, SubOperationState.SUB_OPERATION_STATE_DONE, 1);
  }

  @Override
  public synchronized void fail(String id) {
    change(id, SubOperationState.SUB_OPERATION_STATE_FAILED, known(id).getFraction());
  }

  private synchronized void change(String id, SubOperationState state, double fraction) {
    operations.put(id, known(id).toBuilder().setState(state).setFraction(fraction).build());
  }

  private SubOperation known(String id) {
    SubOperation known = operations.get(id);
    if (known == null) {
      throw new IllegalArgumentException("unknown sub-operation " + id + ": add it first");
    }
    return known;
  }
}
