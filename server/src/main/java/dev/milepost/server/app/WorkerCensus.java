package dev.milepost.server.app;

import dev.milepost.server.job.Times;
import dev.milepost.server.workers.KnownWorkers;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.v1.Worker;
import dev.milepost.v1.WorkerNumbers;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Counts the workers, and those that are there for a type. */
final class WorkerCensus {
  /** Workers that are asked about; of more, those that were seen last. */
  private static final int MAX_WORKERS = 1_000;

  private static final int MAX_SHOWN_WORKERS = 24;

  /** A worker that has asked within this time is there, though it holds no job. */
  private static final Duration PRESENCE_TIMEOUT = Duration.ofMinutes(5);

  private final WorkerNumbers numbers;
  private final List<Worker> present;

  private WorkerCensus(Collection<KnownWorker> known, List<Worker> latest, Instant now) {
    numbers =
        WorkerNumbers.newBuilder()
            .setKnownCount(known.size())
            .setWaitingCount((int) known.stream().filter(KnownWorker::getWaiting).count())
            .addAllWorkers(
                latest.stream()
                    .limit(MAX_SHOWN_WORKERS)
                    .map(WorkerCensus::withoutMovingTime)
                    // Not by the time that they were seen, which would move them about.
                    .sorted(
                        Comparator.comparing(Worker::getTenantId)
                            .thenComparing(Worker::getWorkerId))
                    .toList())
            .build();
    present = latest.stream().filter(worker -> isPresent(worker, now)).toList();
  }

  /**
   * Counts workers.
   *
   * @param known as they are known; one that has asked for something else before, several times
   */
  static CompletionStage<WorkerCensus> of(
      Collection<KnownWorker> known, WorkerViews views, Instant now) {
    Collection<KnownWorker> names = byName(known);
    List<KnownWorker> latest =
        names.stream().sorted(KnownWorkers.SEEN_LAST_FIRST).limit(MAX_WORKERS).toList();
    return views.of(latest).thenApply(shown -> new WorkerCensus(names, shown, now));
  }

  /** What tells workers apart for people. */
  private record Name(String tenantId, String workerId) {}

  private static Collection<KnownWorker> byName(Collection<KnownWorker> known) {
    Map<Name, KnownWorker> names = new LinkedHashMap<>();
    for (KnownWorker worker : known) {
      names.merge(
          new Name(worker.getTenantId(), worker.getWorkerId()),
          worker,
          (one, other) -> isNewer(one, other) ? one : other);
    }
    return names.values();
  }

  private static boolean isNewer(KnownWorker one, KnownWorker other) {
    return one.getWaiting() == other.getWaiting()
        ? Times.micros(one.getLastSeenTime()) >= Times.micros(other.getLastSeenTime())
        : one.getWaiting();
  }

  /** A worker that waits is seen all the time. */
  private static Worker withoutMovingTime(Worker worker) {
    return worker.getWaiting() ? worker.toBuilder().clearLastSeenTime().build() : worker;
  }

  private static boolean isPresent(Worker worker, Instant now) {
    return worker.getWaiting()
        || worker.getHeldJobCount() > 0
        || Times.instant(worker.getLastSeenTime()).plus(PRESENCE_TIMEOUT).isAfter(now);
  }

  /** Returns who works, as the contract says it. */
  WorkerNumbers numbers() {
    return numbers;
  }

  /** Returns how many workers are there that claim a type. */
  int claiming(String type) {
    return (int)
        present.stream()
            .filter(
                worker ->
                    worker.getTypesCount() == 0
                        || worker.getTypesList().contains(type)
                        || worker.getOmittedTypeCount() > 0)
            .count();
  }
}
