package dev.milepost.examples.hashtree;

import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobItems;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobParams;
import dev.milepost.client.Pipeline;
import dev.milepost.v1.Job;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job without a server: records what the handler reports, and can cancel or kill it at any check.
 */
final class FakeContext implements JobContext {
  final List<String> lines = new ArrayList<>();
  final List<String> stages = new ArrayList<>();
  final List<Map<String, ?>> checkpoints = new ArrayList<>();
  final Map<String, Number> outcome = new HashMap<>();
  Map<String, ?> result = Map.of();
  long current;
  long total;
  long failed;
  int checks;
  Runnable onCheck = () -> {};

  private final HashTreeSpec spec;
  private final Optional<Map<String, Object>> checkpoint;

  FakeContext(HashTreeSpec spec) {
    this(spec, Optional.empty());
  }

  FakeContext(HashTreeSpec spec, Optional<Map<String, Object>> checkpoint) {
    this.spec = spec;
    this.checkpoint = checkpoint;
  }

  /** Returns the context of the next attempt, as if this one were killed now. */
  @SuppressWarnings("unchecked")
  FakeContext next() {
    return new FakeContext(
        spec,
        checkpoints.isEmpty()
            ? checkpoint
            : Optional.of((Map<String, Object>) checkpoints.get(checkpoints.size() - 1)));
  }

  /** Cancels the job at the n-th check from now. */
  void cancelAtCheck(int n) {
    atCheck(
        n,
        () -> {
          throw new JobCancelledException("test");
        });
  }

  /** Runs an action at the n-th check from now. */
  void atCheck(int n, Runnable action) {
    int at = checks + n;
    onCheck =
        () -> {
          if (checks == at) {
            action.run();
          }
        };
  }

  @Override
  public void throwIfCancelled() {
    checks++;
    onCheck.run();
  }

  @Override
  public JobParams params() {
    return JobParams.of(spec.toJob(Duration.ofSeconds(15)).toProto().getParams());
  }

  @Override
  public Optional<Map<String, Object>> checkpoint() {
    return checkpoint;
  }

  @Override
  public void saveCheckpoint(Map<String, ?> checkpoint) {
    checkpoints.add(checkpoint);
  }

  @Override
  public void result(Map<String, ?> result) {
    this.result = result;
  }

  /** Returns a logger that records the calls that the example makes, and rejects all others. */
  @Override
  public JobLogger logger() {
    return (JobLogger)
        Proxy.newProxyInstance(
            JobLogger.class.getClassLoader(),
            new Class<?>[] {JobLogger.class},
            (proxy, method, arguments) -> {
              log(method.getName(), arguments == null ? new Object[0] : arguments);
              return null;
            });
  }

  @SuppressWarnings("unchecked")
  private void log(String method, Object[] arguments) {
    switch (method) {
      case "setStage" -> stages.add((String) arguments[0]);
      case "setProgress" -> {
        current = (long) arguments[0];
        total = (long) arguments[1];
      }
      case "message" -> {}
      case "addFailed" -> failed += (long) arguments[0];
      case "milestone", "warning", "info" -> lines.add(method + ": " + arguments[0]);
      case "saveOutcome" -> outcome.putAll((Map<String, Number>) arguments[0]);
      default -> throw new UnsupportedOperationException(method);
    }
  }

  @Override
  public String jobId() {
    return "job";
  }

  @Override
  public String jobName() {
    return "job";
  }

  @Override
  public Job job() {
    return Job.getDefaultInstance();
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public boolean isCancelRequested() {
    return false;
  }

  @Override
  public void onCancel(Runnable action) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<String> cancelReason() {
    return Optional.empty();
  }

  @Override
  public void completed() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void flush() {}

  @Override
  public boolean flush(Duration timeout) {
    return true;
  }

  @Override
  public Pipeline pipeline() {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobItems items() {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> Iterable<T> track(Collection<T> elements, String unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> Iterable<T> track(Iterable<T> elements, long total, String unit) {
    throw new UnsupportedOperationException();
  }
}
