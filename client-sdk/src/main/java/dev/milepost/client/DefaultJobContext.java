package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.Job;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The context of one attempt's handler, or of a started job. */
class DefaultJobContext implements JobContext {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultJobContext.class);
  private static final int MAX_BLOB_BYTES = 65_536;

  private final AttemptSession session;
  private final JobParams params;
  private final DefaultJobLogger logger;
  private final Pipeline pipeline;
  private final JobItems items;
  private volatile @Nullable Struct checkpoint;
  private volatile Struct result = Struct.getDefaultInstance();
  private volatile boolean completed;

  DefaultJobContext(AttemptSession session) {
    this.session = session;
    this.params = JobParams.of(job().getSpec().getParams());
    this.logger = new DefaultJobLogger(session.buffer());
    this.pipeline = new DefaultPipeline(session.buffer());
    this.items = new DefaultJobItems(session);
    this.checkpoint = job().getStatus().hasCheckpoint() ? job().getStatus().getCheckpoint() : null;
  }

  @Override
  public String jobId() {
    return job().getId();
  }

  @Override
  public String jobName() {
    String name = job().getSpec().getDisplayName();
    return name.isEmpty() ? job().getSpec().getType() : name;
  }

  @Override
  public Job job() {
    return session.attempt().job();
  }

  @Override
  public int attempt() {
    return session.attempt().grant().getAttempt();
  }

  @Override
  public JobParams params() {
    return params;
  }

  @Override
  public Optional<Map<String, @Nullable Object>> checkpoint() {
    Struct saved = checkpoint;
    return saved == null ? Optional.empty() : Optional.of(Structs.map(saved));
  }

  @Override
  public void saveCheckpoint(Map<String, ?> values) {
    Struct struct = blob("checkpoint", values);
    checkpoint = struct;
    session.buffer().add(draft -> draft.checkpoint(struct));
  }

  @Override
  public boolean isCancelRequested() {
    return session.stop().kind() != null;
  }

  @Override
  public void throwIfCancelled() {
    session.stop().check();
  }

  @Override
  public void completed() {
    completed = true;
  }

  boolean isCompleted() {
    return completed;
  }

  @Override
  public Optional<String> cancelReason() {
    String reason = session.stop().reason();
    return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
  }

  @Override
  public void onCancel(Runnable action) {
    session.onStop(
        () -> {
          try {
            action.run();
          } catch (Throwable e) {
            LOG.warn("Job {}: an action of onCancel threw.", jobId(), e);
          }
        });
  }

  @Override
  public DefaultJobLogger logger() {
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
    return new TrackedIterable<>(elements, total, unit, 0, this);
  }

  @Override
  public void result(Map<String, ?> values) {
    result = blob("result", values);
  }

  Struct result() {
    return result;
  }

  @Override
  public void flush() throws InterruptedException {
    Duration timeout = session.callTimeout();
    if (!flush(timeout)) {
      throw new ServerUnavailableException(
          "job "
              + jobId()
              + ": the server did not commit what was reported within "
              + timeout.toMillis()
              + " ms. Nothing is lost: it is sent when the server responds again");
    }
  }

  @Override
  public boolean flush(Duration timeout) throws InterruptedException {
    long ordinal = session.buffer().lastOrdinal();
    session.sender().wake();
    boolean committed = session.buffer().awaitCommitted(ordinal, timeout);
    if (!committed && session.stop().kind() == StopSignal.Kind.LEASE_LOST) {
      session.stop().check();
    }
    return committed;
  }

  private static Struct blob(String what, Map<String, ?> values) {
    Struct struct = Structs.strict(values);
    int bytes = struct.getSerializedSize();
    if (bytes > MAX_BLOB_BYTES) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " has "
              + bytes
              + " bytes, but at most "
              + MAX_BLOB_BYTES
              + " are allowed");
    }
    return struct;
  }
}
