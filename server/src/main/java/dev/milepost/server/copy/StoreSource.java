package dev.milepost.server.copy;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A store to copy from. It is only read, and must not change during the copy. */
public final class StoreSource implements JobSource {
  private static final int PAGE = 200;

  private final JobStore store;

  private StoreSource(JobStore store) {
    this.store = store;
  }

  /**
   * Creates a source that closes the store with itself. Blocks.
   *
   * @throws CopyException if it is an incomplete copy itself
   */
  public static StoreSource of(JobStore store) {
    CopyMark.requireNone(store);
    return new StoreSource(store);
  }

  @Override
  public String name() {
    return store.info().name() + ":" + store.info().location();
  }

  @Override
  public Map<JobState, Long> counts(String tenant) {
    return counts(store, tenant);
  }

  /** Counts the jobs of a store by state. */
  static Map<JobState, Long> counts(JobStore store, String tenant) {
    CountQuery query = new CountQuery(filter(tenant), Set.of(JobGroup.JOB_GROUP_STATE));
    return byState(Stages.await(store.count(query)));
  }

  /** Returns counts as a map; states without jobs are omitted. */
  public static Map<JobState, Long> byState(List<JobCount> counts) {
    Map<JobState, Long> byState = new EnumMap<>(JobState.class);
    for (JobCount count : counts) {
      if (count.getCount() > 0) {
        byState.put(count.getState(), count.getCount());
      }
    }
    return byState;
  }

  public static JobFilter filter(String tenant) {
    return JobFilter.newBuilder().setTenantId(tenant).build();
  }

  @Override
  public void eachPage(
      String tenant, Consumer<List<SourceJob>> reader, Consumer<JobKey> unreadable) {
    Optional<String> after = Optional.empty();
    do {
      JobPage page = Stages.await(store.list(new JobQuery(filter(tenant), false, after, PAGE)));
      reader.accept(
          page.jobs().stream()
              .map(
                  record -> new SourceJob(record, () -> new StoreReading(store, JobKey.of(record))))
              .toList());
      page.unreadable().forEach(job -> unreadable.accept(job.key()));
      after = page.next();
    } while (after.isPresent());
  }

  @Override
  public void close() {
    store.close();
  }
}
