package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.LogLevel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a store serves of some jobs, to be compared with what it serves when it is damaged. */
public final class StoreContent {
  private StoreContent() {}

  /** Creates jobs with journals and items. */
  public static void fill(StoreHarness harness, List<String> jobs) {
    for (String id : jobs) {
      List<Item> items =
          StoreHarness.numbered("i", 0, 5).stream()
              .map(item -> Item.newBuilder().setId(item).setMessage("of " + id).build())
              .toList();
      await(harness.createLater(job(id, spec(id.endsWith("7") ? 3_000 : 100)), items));
      if (!id.endsWith("5")) {
        harness.apply(id, new JobCommand.Claim("worker", token(id, 1)));
        for (int i = 1; i <= 3; i++) {
          String[] lines = StoreHarness.numbered("x".repeat(200), 0, 4).toArray(String[]::new);
          await(harness.reportLater(id, token(id, 1), report(i, LogLevel.LOG_LEVEL_INFO, lines)));
        }
      }
    }
  }

  /**
   * Returns everything that a store serves of its jobs, by a name.
   *
   * @param named is set if something is named as damaged, or refused
   */
  public static Map<String, Object> read(
      StoreHarness harness, List<String> jobs, AtomicBoolean named) {
    Map<String, Object> read = new TreeMap<>();
    attempt(
        named,
        () -> {
          Optional<String> after = Optional.empty();
          do {
            JobPage page =
                await(
                    harness
                        .store()
                        .list(new JobQuery(JobFilter.getDefaultInstance(), false, after, 100)));
            page.jobs().forEach(job -> read.put("listed " + job.getJob().getId(), job));
            named.compareAndSet(false, !page.unreadable().isEmpty());
            after = page.next();
          } while (after.isPresent());
        });
    for (String id : jobs) {
      JobKey key = key(id);
      attempt(
          named,
          () -> {
            JobsByKey found = await(harness.store().get(List.of(key)));
            found.jobs().forEach(job -> read.put("job " + id, job));
            named.compareAndSet(false, !found.unreadable().isEmpty());
          });
      attempt(
          named,
          () -> {
            JournalPage page = await(harness.store().journal(new JournalQuery(key, 0, 1_000)));
            page.entries()
                .forEach(entry -> read.put("entry " + id + " " + entry.getSequence(), entry));
            named.compareAndSet(false, !page.unreadable().isEmpty());
          });
      attempt(
          named,
          () -> {
            ItemPage page = await(harness.store().items(new ItemQuery(key, Set.of(), "", "", 100)));
            page.items().forEach(item -> read.put("item " + id + " " + item.getId(), item));
            named.compareAndSet(false, !page.unreadable().isEmpty());
          });
    }
    return read;
  }

  private static void attempt(AtomicBoolean named, Runnable read) {
    try {
      read.run();
    } catch (StoreException | Refusal e) {
      named.set(true);
    }
  }
}
