package dev.milepost.client;

import dev.milepost.v1.SubOperation;
import dev.milepost.v1.SubOperationState;

/** The pipeline of one attempt. */
final class DefaultPipeline implements Pipeline {
  private static final int MAX_ID = 64;
  private static final int MAX_DISPLAY_NAME = 256;
  private static final double MIN_WEIGHT = 1e-9;
  private static final double MAX_WEIGHT = 1e9;

  private final ReportBuffer buffer;

  DefaultPipeline(ReportBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public Pipeline add(String id, String displayName, double weight) {
    Texts.id(id, MAX_ID);
    if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException("the weight must be at least 1e-9 and at most 1e9");
    }
    SubOperation added =
        SubOperation.newBuilder()
            .setId(id)
            .setDisplayName(Texts.line(displayName, MAX_DISPLAY_NAME))
            .setWeight(weight)
            .setState(SubOperationState.SUB_OPERATION_STATE_PENDING)
            .build();
    buffer.progress(progress -> progress.add(added));
    return this;
  }

  @Override
  public void update(String id, double fraction) {
    if (Double.isNaN(fraction)) {
      throw new IllegalArgumentException("the fraction is NaN");
    }
    double within = Math.max(0, Math.min(1, fraction));
    buffer.progress(
        progress ->
            progress.change(
                id,
                old ->
                    old.toBuilder()
                        .setFraction(within)
                        .setState(SubOperationState.SUB_OPERATION_STATE_RUNNING)
                        .build()));
  }

  @Override
  public void complete(String id) {
    end(id, SubOperationState.SUB_OPERATION_STATE_DONE);
  }

  @Override
  public void fail(String id) {
    end(id, SubOperationState.SUB_OPERATION_STATE_FAILED);
  }

  private void end(String id, SubOperationState state) {
    buffer.progress(progress -> progress.end(id, state));
  }
}
