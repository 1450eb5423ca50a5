package dev.milepost.server.app;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.v1.AttentionJobs;
import dev.milepost.v1.JobNumbers;
import dev.milepost.v1.PeriodStats;
import dev.milepost.v1.ServerLoad;
import dev.milepost.v1.WatchStatsResponse;
import dev.milepost.v1.WorkerNumbers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Statistics at one time, of which each part knows since which version it is as it is. So what is
 * new since an earlier version can be told without keeping that. Confined to one thread at a time.
 */
public final class StatsSnapshot implements ValueWatchHub.Versioned {
  private final long version;
  private final Part<JobNumbers> jobs;
  private final Part<AttentionJobs> attention;

  // Null where the statistics are those of one user.
  private final @Nullable Part<WatchStatsResponse> periods;
  private final Map<Timestamp, Part<PeriodStats>> history;
  private final @Nullable Part<WorkerNumbers> workers;
  private final @Nullable Part<ServerLoad> load;

  /** The message that was made last, as most watches ask for the same. */
  private @Nullable Made made;

  /** What was read. */
  record Values(JobNumbers jobs, AttentionJobs attention, Optional<Activity> activity) {}

  /** What happens in a tenant, which only operators see. */
  record Activity(
      List<PeriodStats> periods,
      List<PeriodStats> history,
      WorkerNumbers workers,
      ServerLoad load) {}

  /** A part, and the first version in which it was as it is. */
  private record Part<M extends Message>(M value, long version) {
    static <M extends Message> Part<M> of(M value, @Nullable Part<M> before, long version) {
      return before != null && before.value.equals(value) ? before : new Part<>(value, version);
    }

    boolean isNewerThan(long sent) {
      return version > sent;
    }
  }

  private record Made(long since, boolean withLoad, Optional<WatchStatsResponse> message) {}

  private StatsSnapshot(Values values, @Nullable StatsSnapshot before) {
    version = before == null ? 1 : before.version + 1;
    jobs = Part.of(values.jobs(), before == null ? null : before.jobs, version);
    attention = Part.of(values.attention(), before == null ? null : before.attention, version);
    Activity activity = values.activity().orElse(null);
    history = new HashMap<>();
    if (activity == null) {
      periods = null;
      workers = null;
      load = null;
      return;
    }
    WatchStatsResponse sums =
        WatchStatsResponse.newBuilder().addAllPeriods(activity.periods()).build();
    periods = Part.of(sums, before == null ? null : before.periods, version);
    workers = Part.of(activity.workers(), before == null ? null : before.workers, version);
    load = Part.of(activity.load(), before == null ? null : before.load, version);
    for (PeriodStats quarter : activity.history()) {
      Part<PeriodStats> known = before == null ? null : before.history.get(quarter.getStartTime());
      history.put(quarter.getStartTime(), Part.of(quarter, known, version));
    }
  }

  /** Returns the statistics after earlier ones; those themselves if nothing has changed. */
  static StatsSnapshot of(Values values, @Nullable StatsSnapshot before) {
    StatsSnapshot next = new StatsSnapshot(values, before);
    return before != null && next.since(before.version, true).isEmpty() ? before : next;
  }

  @Override
  public long version() {
    return version;
  }

  /**
   * Returns what is new; empty if nothing is.
   *
   * @param sent the version that is known; 0: none
   * @param withLoad whether to say what the server is busy with
   */
  public Optional<WatchStatsResponse> since(long sent, boolean withLoad) {
    Made last = made;
    if (last == null || last.since != sent || last.withLoad != withLoad) {
      last = new Made(sent, withLoad, make(sent, withLoad));
      made = last;
    }
    return last.message;
  }

  private Optional<WatchStatsResponse> make(long sent, boolean withLoad) {
    WatchStatsResponse.Builder message = WatchStatsResponse.newBuilder().setComplete(sent == 0);
    if (jobs.isNewerThan(sent)) {
      message.setJobs(jobs.value);
    }
    if (attention.isNewerThan(sent)) {
      message.setAttention(attention.value);
    }
    if (periods != null && periods.isNewerThan(sent)) {
      message.addAllPeriods(periods.value.getPeriodsList());
    }
    history.values().stream()
        .filter(quarter -> quarter.isNewerThan(sent))
        .map(Part::value)
        .sorted((one, other) -> Long.compare(seconds(one), seconds(other)))
        .forEach(message::addHistory);
    if (workers != null && workers.isNewerThan(sent)) {
      message.setWorkers(workers.value);
    }
    if (withLoad && load != null && load.isNewerThan(sent)) {
      message.setLoad(load.value);
    }
    WatchStatsResponse whole = message.build();
    return whole.equals(WatchStatsResponse.getDefaultInstance())
        ? Optional.empty()
        : Optional.of(whole);
  }

  private static long seconds(PeriodStats quarter) {
    return quarter.getStartTime().getSeconds();
  }
}
