package dev.milepost.server.store.memory;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemPageBuilder;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobPageBuilder;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.JobsByKeyBuilder;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalPageBuilder;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/** Answers queries. Used by the store's thread only. */
final class MemoryReads {
  private final MemoryJobs jobs;
  private final int journalCap;

  MemoryReads(MemoryJobs jobs, int journalCap) {
    this.jobs = jobs;
    this.journalCap = journalCap;
  }

  JobsByKey get(List<JobKey> keys, String owner, JobsByKeyBuilder found) {
    for (JobKey key : keys) {
      MemoryJob job = jobs.get(key);
      if (!found.add(job == null || !isOf(owner, job) ? null : job.record())) {
        break;
      }
    }
    return found.build();
  }

  private static boolean isOf(String owner, MemoryJob job) {
    return owner.isEmpty() || owner.equals(job.record().getJob().getUserId());
  }

  JobPage list(JobQuery query) {
    Optional<Long> after = query.after().map(Long::valueOf);
    Iterator<MemoryJob> rest =
        jobs.index()
            .find(query.filter(), query.newestFirst(), after)
            .orElseGet(() -> all(query.newestFirst(), after));
    JobPageBuilder page = new JobPageBuilder(query);
    String wanted = SearchText.wanted(query.filter());
    while (rest.hasNext()) {
      MemoryJob job = rest.next();
      boolean goesOn =
          job.searchText().contains(wanted)
              ? page.scan(job.record(), job.number())
              : page.passTexts(1, job.record(), job.number());
      if (!goesOn) {
        return page.page(rest.hasNext());
      }
    }
    return page.page(false);
  }

  private Iterator<MemoryJob> all(boolean newestFirst, Optional<Long> after) {
    NavigableMap<Long, MemoryJob> all =
        newestFirst ? jobs.byNumber().descendingMap() : jobs.byNumber();
    return (after.isPresent() ? all.tailMap(after.get(), false) : all).values().iterator();
  }

  List<JobCount> count(CountQuery query) {
    return query.sum(jobs.counts());
  }

  List<String> queuedTenants(int limit) {
    return CountCell.queuedTenants(jobs.counts(), limit);
  }

  List<JobKey> firstClaimable(String tenantId) {
    return jobs.firstClaimable(tenantId);
  }

  JournalPage journal(JournalQuery query) {
    MemoryJob job = jobs.get(query.key());
    if (job == null) {
      return JournalPageBuilder.missing();
    }
    JournalPageBuilder page =
        new JournalPageBuilder(query, job.record().getJob().getStatus(), journalCap);
    for (JournalChunk run : job.journal(query.newestFirst())) {
      if (!page.add(run)) {
        return page.page();
      }
    }
    return page.lastPage();
  }

  ItemPage items(ItemQuery query) {
    MemoryJob job = jobs.get(query.key());
    if (job == null) {
      return new ItemPage(List.of(), false);
    }
    ItemPageBuilder page = new ItemPageBuilder(query);
    for (Item item : job.items().tailMap(query.afterId(), false).values()) {
      if (!page.add(item)) {
        break;
      }
    }
    return page.page();
  }

  DueJobs due(Instant from, Instant until, int limit) {
    List<JobKey> keys = new ArrayList<>();
    for (MemoryJobs.Waking job : jobs.waking(ChronoUnit.MICROS.between(Instant.EPOCH, from))) {
      Instant wake = Instant.EPOCH.plus(job.micros(), ChronoUnit.MICROS);
      if (keys.size() == limit || wake.isAfter(until)) {
        return new DueJobs(keys, Optional.of(wake));
      }
      keys.add(job.key());
    }
    return new DueJobs(keys, Optional.empty());
  }
}
