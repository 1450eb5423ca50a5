package dev.milepost.testing;

import dev.milepost.client.JobCancelledException;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobItems;
import dev.milepost.client.JobLogger;
import dev.milepost.client.JobParams;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LeaseLostException;
import dev.milepost.client.LogLine;
import dev.milepost.client.Pipeline;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job without a server, for unit tests of a handler: records what the handler reports, and stops
 * it as a server would. Thread-safe.
 *
 * <pre>{@code
 * FakeJobContext context = FakeJobContext.of(JobSpec.of("user-sync").params(Map.of("batch", 2)));
 * assertEquals(ATTEMPT_OUTCOME_SUCCEEDED, context.run(new UserSync()));
 * assertEquals(Map.of("synced", 3L), context.outcome());
 * }</pre>
 *
 * <p>Values are checked and decoded as the client does, so a handler reads back numbers as {@link
 * Long} and {@link Double}. Nothing is retried: {@link #nextAttempt()} is what a retry gets.
 */
public final class FakeJobContext implements JobContext {
  private static final int MAX_BLOB_BYTES = 65_536;
  private static final String DEFAULT_ID = "fake-job";

  private final FakeJobLogger logger = new FakeJobLogger(this::attempt);
  private final FakePipeline pipeline = new FakePipeline();
  private final FakeJobItems items = new FakeJobItems();
  private final List<Map<String, @Nullable Object>> checkpoints = new ArrayList<>();
  private final JobSpec spec;
  private String jobId = DEFAULT_ID;
  private int attempt = 1;
  private @Nullable Map<String, @Nullable Object> checkpoint;
  private Map<String, @Nullable Object> result = Map.of();
  private @Nullable Stop stop;
  private boolean stopWasThrown;
  private boolean isCompleted;
  private final List<Runnable> onStop = new ArrayList<>();
  private int checks;
  private int cancelAtCheck = Integer.MAX_VALUE;
  private @Nullable Throwable thrown;

  /** Why a handler should stop. */
  private record Stop(AttemptOutcome outcome, String reason) {
    RuntimeException toException() {
      return outcome == AttemptOutcome.ATTEMPT_OUTCOME_LOST
          ? new LeaseLostException(reason)
          : new JobCancelledException(reason);
    }
  }

  private FakeJobContext(JobSpec spec) {
    this.spec = spec;
  }

  /** Creates the first attempt of a job without items. */
  public static FakeJobContext of(JobSpec spec) {
    return new FakeJobContext(spec);
  }

  /** Sets the job's id; default: "fake-job". */
  public synchronized FakeJobContext withJobId(String id) {
    this.jobId = id;
    return this;
  }

  /** Sets the number of the attempt; default: 1. */
  public synchronized FakeJobContext withAttempt(int number) {
    this.attempt = number;
    return this;
  }

  /** Sets the checkpoint that an earlier attempt has saved; default: none. */
  public synchronized FakeJobContext withCheckpoint(Map<String, ?> saved) {
    this.checkpoint = blob("checkpoint", saved);
    return this;
  }

  /** Adds items that the job has; those without a state are pending. */
  public FakeJobContext withItems(Item... added) {
    for (Item item : added) {
      items.put(item);
    }
    return this;
  }

  /** Cancels the job: from now on, the handler is told to stop. */
  public void cancel(String reason) {
    stop(AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, reason);
  }

  /**
   * Cancels the job when the handler checks for it the n-th time from now, with {@link
   * #throwIfCancelled}, {@link #isCancelRequested} or {@link #track}.
   *
   * @param n 1: the next check
   */
  public synchronized void cancelAtCheck(int n) {
    cancelAtCheck = checks + n;
  }

  /** Lets the attempt lose its lease. */
  public void loseLease() {
    stop(AttemptOutcome.ATTEMPT_OUTCOME_LOST, "the lease expired");
  }

  /** Shuts the worker down: the handler is told to stop, and its job is released. */
  public void stopWorker() {
    stop(AttemptOutcome.ATTEMPT_OUTCOME_RELEASED, "the worker is shutting down");
  }

  private void stop(AttemptOutcome outcome, String reason) {
    List<Runnable> due;
    synchronized (this) {
      if (stop == null || outcome == AttemptOutcome.ATTEMPT_OUTCOME_LOST) {
        stop = new Stop(outcome, reason);
      }
      due = List.copyOf(onStop);
      onStop.clear();
    }
    due.forEach(Runnable::run);
  }

  /**
   * Runs a handler on this thread, and ends the attempt as a worker does.
   *
   * @return how the attempt ended; what the handler threw is in {@link #thrown()}
   */
  public AttemptOutcome run(JobHandler handler) {
    try (Scope scope = makeCurrent()) {
      handler.handle(this);
    } catch (Throwable failure) {
      // Whatever it is, a worker ends the attempt with it.
      synchronized (this) {
        thrown = failure;
      }
    }
    return outcomeOfRun();
  }

  private synchronized AttemptOutcome outcomeOfRun() {
    if (stop != null && stop.outcome() == AttemptOutcome.ATTEMPT_OUTCOME_LOST) {
      return stop.outcome();
    } else if (thrown == null) {
      return stop != null && stopWasThrown && !isCompleted
          ? stop.outcome()
          : AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED;
    }
    return stop != null && isStopping(thrown)
        ? stop.outcome()
        : AttemptOutcome.ATTEMPT_OUTCOME_FAILED;
  }

  private static boolean isStopping(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof JobCancelledException
          || cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }

  /** Returns what the handler threw. */
  public synchronized Optional<Throwable> thrown() {
    return Optional.ofNullable(thrown);
  }

  /**
   * Returns the context of the next attempt: the same job, with the checkpoint and items so far.
   */
  public synchronized FakeJobContext nextAttempt() {
    FakeJobContext next = new FakeJobContext(spec).withJobId(jobId).withAttempt(attempt + 1);
    next.checkpoint = checkpoint;
    items.all().forEach(next.items::put);
    return next;
  }

  /** Returns the log lines, in order. */
  public List<LogLine> lines() {
    return logger.lines();
  }

  /** Returns the messages of the log lines of one level, in order. */
  public List<String> messages(LogLevel level) {
    return lines().stream().filter(line -> line.level() == level).map(LogLine::message).toList();
  }

  /** Returns the names of the stages, in order. */
  public List<String> stages() {
    return logger.stages();
  }

  /** Returns the progress as last reported, with the sub-operations of the pipeline. */
  public Progress progress() {
    return logger.progress().toBuilder().addAllSubOperations(pipeline.subOperations()).build();
  }

  /** Returns the counters of the outcome, by name. */
  public Map<String, Long> outcome() {
    return logger.outcome();
  }

  /** Returns all checkpoints that were saved, oldest first. */
  public synchronized List<Map<String, @Nullable Object>> checkpoints() {
    return List.copyOf(checkpoints);
  }

  /** Returns the result as last set; empty if it was not. */
  public synchronized Map<String, @Nullable Object> result() {
    return result;
  }

  /** Returns how often the handler has checked whether it should stop. */
  public synchronized int checks() {
    return checks;
  }

  @Override
  public synchronized String jobId() {
    return jobId;
  }

  @Override
  public String jobName() {
    String name = spec.toProto().getDisplayName();
    return name.isEmpty() ? spec.type() : name;
  }

  @Override
  public Job job() {
    return Job.newBuilder().setId(jobId()).setSpec(spec.toProto()).build();
  }

  @Override
  public synchronized int attempt() {
    return attempt;
  }

  @Override
  public JobParams params() {
    return JobParams.of(spec.toProto().getParams());
  }

  @Override
  public synchronized Optional<Map<String, @Nullable Object>> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  @Override
  public void saveCheckpoint(Map<String, ?> values) {
    Map<String, @Nullable Object> saved = blob("checkpoint", values);
    synchronized (this) {
      checkpoint = saved;
      checkpoints.add(saved);
    }
  }

  @Override
  public void result(Map<String, ?> values) {
    Map<String, @Nullable Object> set = blob("result", values);
    synchronized (this) {
      result = set;
    }
  }

  private static Map<String, @Nullable Object> blob(String what, Map<String, ?> values) {
    var struct = Protos.struct(values);
    if (struct.getSerializedSize() > MAX_BLOB_BYTES) {
      throw new IllegalArgumentException(
          "the %s has %d bytes, but at most %d are allowed"
              .formatted(what, struct.getSerializedSize(), MAX_BLOB_BYTES));
    }
    return JobParams.of(struct);
  }

  /** Not synchronized: a cancel runs actions of the handler. */
  private void countCheck() {
    boolean isDue;
    synchronized (this) {
      checks++;
      isDue = checks >= cancelAtCheck;
    }
    if (isDue) {
      cancel("cancelled by the test");
    }
  }

  @Override
  public boolean isCancelRequested() {
    countCheck();
    synchronized (this) {
      return stop != null;
    }
  }

  @Override
  public void throwIfCancelled() {
    countCheck();
    throwIfStopped();
  }

  private synchronized void throwIfStopped() {
    if (stop != null) {
      stopWasThrown = true;
      throw stop.toException();
    }
  }

  @Override
  public synchronized Optional<String> cancelReason() {
    return Optional.ofNullable(stop).map(Stop::reason).filter(reason -> !reason.isEmpty());
  }

  @Override
  public JobLogger logger() {
    return logger;
  }

  @Override
  public Pipeline pipeline() {
    return pipeline;
  }

  @Override
  public JobItems items() {
    return items;
  }

  @Override
  public <T> Iterable<T> track(Iterable<T> elements, long total, String unit) {
    return () -> {
      logger.setProgress(0, total, unit);
      return new FakeTracking<>(elements.iterator(), this);
    };
  }

  /** Says that the work is complete in spite of a cancel, which its run then does not confirm. */
  @Override
  public synchronized void completed() {
    isCompleted = true;
  }

  @Override
  public void onCancel(Runnable action) {
    boolean isDue;
    synchronized (this) {
      isDue = stop != null;
      if (!isDue) {
        onStop.add(action);
      }
    }
    if (isDue) {
      action.run();
    }
  }

  /** Like {@link #flush()}, which takes no time. */
  @Override
  public boolean flush(Duration timeout) {
    flush();
    return true;
  }

  /** Does nothing: everything is recorded at once. Throws if the attempt has lost its lease. */
  @Override
  public synchronized void flush() {
    if (stop != null && stop.outcome() == AttemptOutcome.ATTEMPT_OUTCOME_LOST) {
      throw stop.toException();
    }
  }
}
