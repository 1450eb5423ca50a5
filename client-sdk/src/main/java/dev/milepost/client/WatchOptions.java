package dev.milepost.client;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.WatchJobRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;

/** How to watch a job: an immutable value; each method returns a changed copy. */
public final class WatchOptions {
  private static final WatchOptions DEFAULTS =
      new WatchOptions(WatchJobRequest.getDefaultInstance(), Duration.ofSeconds(45));

  private final WatchJobRequest request;
  private final Duration idleTimeout;

  private WatchOptions(WatchJobRequest request, Duration idleTimeout) {
    this.request = request;
    this.idleTimeout = idleTimeout;
  }

  /** Returns the defaults: all events, from the start of the journal. */
  public static WatchOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Delivers only journal entries after this sequence number; 0: all. To resume a watch, {@link
   * #after} also finds out whether the job is still the same.
   */
  public WatchOptions afterSequence(long sequence) {
    return with(watch -> watch.setAfterSequence(sequence));
  }

  /**
   * Resumes a watch: delivers only journal entries after its position. If its job was deleted and
   * another one has its id, the new watch fails with the reason POSITION_OUT_OF_RANGE.
   */
  public WatchOptions after(JobWatchPosition position) {
    Instant created = position.jobCreateTime();
    Timestamp jobCreateTime =
        Timestamp.newBuilder()
            .setSeconds(created.getEpochSecond())
            .setNanos(created.getNano())
            .build();
    return with(
        watch -> watch.setAfterSequence(position.sequence()).setJobCreateTime(jobCreateTime));
  }

  /** Delivers only log lines of this level and above; state and stage changes are not affected. */
  public WatchOptions minLevel(LogLevel level) {
    return with(watch -> watch.setMinLevel(level));
  }

  /** Delivers only log lines of these levels; state and stage changes are not affected. */
  public WatchOptions levels(LogLevel... levels) {
    return with(watch -> watch.clearLevels().addAllLevels(Arrays.asList(levels)));
  }

  /** Leaves state and stage changes out of the journal. */
  public WatchOptions logsOnly() {
    return with(watch -> watch.setLogsOnly(true));
  }

  /** Follows the log: delivers the journal without statuses. */
  public WatchOptions logOnly() {
    return with(watch -> watch.setOmitStatus(true).setOmitJournal(false));
  }

  /** Follows the progress: delivers statuses without the journal. */
  public WatchOptions progressOnly() {
    return with(watch -> watch.setOmitStatus(false).setOmitJournal(true));
  }

  /**
   * Replaces the connection if the server stays silent for longer than this. Default: 45 s, three
   * times the interval of the server's bookmarks.
   */
  public WatchOptions idleTimeout(Duration timeout) {
    return new WatchOptions(request, timeout);
  }

  /** The request, without the job's id. */
  WatchJobRequest request() {
    return request;
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  private WatchOptions with(Consumer<WatchJobRequest.Builder> change) {
    WatchJobRequest.Builder builder = request.toBuilder();
    change.accept(builder);
    return new WatchOptions(builder.build(), idleTimeout);
  }
}
