package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JournalCap.KeptEntry;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every store does with the parts of a job: its journal, its items, its wake time. */
interface PartContract {
  List<LogLevel> LEVELS =
      List.of(LogLevel.LOG_LEVEL_DEBUG, LogLevel.LOG_LEVEL_INFO, LogLevel.LOG_LEVEL_WARNING);

  StoreHarness harness();

  @Test
  default void journalKeepsTheNewestEntriesOfEachKind() {
    Random random = new Random(3);
    Model model = new Model();
    Subscription subscription = harness().store().subscribe(model);
    harness().running("a");
    for (int round = 0; round < 6; round++) {
      List<CompletionStage<JobRecord>> reports = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String[] lines = new String[random.nextInt(12)];
        Arrays.setAll(lines, line -> "x".repeat(1 + random.nextInt(200)));
        LogLevel level = LEVELS.get(random.nextInt(LEVELS.size()));
        reports.add(harness().reportLater("a", token("a", 1), report(0, level, lines)));
      }
      awaitAll(reports);
      model.check(harness());
      List<JournalEntry> forward = new ArrayList<>(harness().journal(key("a"), 1_000));
      Collections.reverse(forward);
      assertThat(harness().journalBackward(key("a"), 1_000)).isEqualTo(forward);
      assertThat(harness().journalBackward(key("a"), 37)).isEqualTo(forward);
    }
    subscription.close();
    assertThat(harness().get("a").orElseThrow().getJob().getStatus().getJournalSequence())
        .isGreaterThan(2_000);
  }

  @Test
  default void journalPageReportsHowFarItReaches() {
    harness().running("a");
    for (int i = 1; i <= 10; i++) {
      await(harness().reportLater("a", token("a", 1), report(i)));
    }

    JournalPage first = await(harness().store().journal(new JournalQuery(key("a"), 0, 5)));
    JournalPage middle = await(harness().store().journal(new JournalQuery(key("a"), 5, 5)));
    JournalPage end = await(harness().store().journal(new JournalQuery(key("a"), 12, 5)));

    assertThat(first.entries()).extracting(JournalEntry::getSequence).containsExactly(seq(1, 5));
    assertThat(first.through()).isEqualTo(5);
    assertThat(first.last()).isEqualTo(12);
    assertThat(middle.entries()).extracting(JournalEntry::getSequence).containsExactly(seq(6, 10));
    assertThat(end.entries()).isEmpty();
    assertThat(end.through()).isEqualTo(12);
  }

  @Test
  default void journalReadsBackwardFromAnyPosition() {
    harness().running("a");
    for (int i = 1; i <= 10; i++) {
      await(harness().reportLater("a", token("a", 1), report(i)));
    }

    JournalPage newest = await(backward(Long.MAX_VALUE, 5));
    JournalPage middle = await(backward(8, 5));
    JournalPage oldest = await(backward(3, 5));
    JournalPage none = await(backward(1, 5));

    assertThat(sequences(newest)).containsExactly(12L, 11L, 10L, 9L, 8L);
    assertThat(newest.through()).isEqualTo(8);
    assertThat(newest.last()).isEqualTo(12);
    assertThat(newest.isLast()).isFalse();
    assertThat(sequences(middle)).containsExactly(7L, 6L, 5L, 4L, 3L);
    assertThat(sequences(oldest)).containsExactly(2L, 1L);
    assertThat(oldest.isLast()).isTrue();
    assertThat(none.entries()).isEmpty();
    assertThat(none.isLast()).isTrue();
  }

  private CompletionStage<JournalPage> backward(long before, int limit) {
    return harness().store().journal(new JournalQuery(key("a"), before, limit, true));
  }

  private static List<Long> sequences(JournalPage page) {
    return page.entries().stream().map(JournalEntry::getSequence).toList();
  }

  @Test
  default void journalSaysHowManyEntriesOfAKindWereDropped() {
    harness().running("a");
    String[] lines = new String[10];
    Arrays.fill(lines, "x");
    for (int i = 0; i < StoreHarness.CAP + 100; i += lines.length) {
      await(harness().reportLater("a", token("a", 1), report(0, LogLevel.LOG_LEVEL_INFO, lines)));
    }

    for (boolean newestFirst : List.of(false, true)) {
      long start = newestFirst ? Long.MAX_VALUE : 0;
      List<Long> dropped = new ArrayList<>();
      JournalPage page;
      do {
        page = await(harness().store().journal(new JournalQuery(key("a"), start, 7, newestFirst)));
        page.kept().stream().map(KeptEntry::droppedBefore).filter(n -> n > 0).forEach(dropped::add);
        start = page.through();
      } while (!page.isLast());
      assertThat(dropped).containsExactly(100L);
    }
  }

  private static Long[] seq(long from, long through) {
    return LongStream.rangeClosed(from, through).boxed().toArray(Long[]::new);
  }

  @Test
  default void missingJobHasNoJournalAndNoItems() {
    JournalPage journal = await(harness().store().journal(new JournalQuery(key("a"), 3, 5)));

    assertThat(journal.entries()).isEmpty();
    assertThat(journal.through()).isEqualTo(journal.last());
    assertThat(await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "", 5))))
        .isEqualTo(new ItemPage(List.of(), false));
  }

  @Test
  default void longLineIsKeptCompletely() {
    harness().running("a");
    String line = "\u00e4\ud83d\ude00".repeat(5_000);

    await(harness().reportLater("a", token("a", 1), report(1, LogLevel.LOG_LEVEL_INFO, line)));

    assertThat(harness().journal("a").get(2).getLog().getMessage()).isEqualTo(line);
  }

  @Test
  default void itemsArePagedAndFiltered() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      items.add(
          Item.newBuilder()
              .setId("i%02d".formatted(i))
              .setState(i % 2 == 0 ? ItemState.ITEM_STATE_DONE : ItemState.ITEM_STATE_FAILED)
              .setProjectId("p" + i % 3)
              .build());
    }
    await(harness().createLater(job("a", spec()), items));

    ItemPage first = items("", 15, Set.of(), "");
    ItemPage second = items("i14", 15, Set.of(), "");
    assertThat(first.items()).extracting(Item::getId).hasSize(15).isSorted();
    assertThat(first.more()).isTrue();
    assertThat(second.items()).extracting(Item::getId).hasSize(5).startsWith("i15");
    assertThat(second.more()).isFalse();
    assertThat(items("", 100, Set.of(ItemState.ITEM_STATE_FAILED), "p1").items())
        .extracting(Item::getId)
        .containsExactly("i01", "i07", "i13", "i19");
  }

  @Test
  default void aPageOfItemsEndsAtItsBytes() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      items.add(
          Item.newBuilder().setId("i%02d".formatted(i)).setMessage("m".repeat(1_000)).build());
    }
    await(harness().createLater(job("a", spec()), items));

    List<String> ids = new ArrayList<>();
    ItemPage page;
    do {
      String after = ids.isEmpty() ? "" : ids.get(ids.size() - 1);
      page =
          await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", after, 100, 3_500)));
      assertThat(page.items()).hasSizeBetween(1, 3);
      page.items().forEach(item -> ids.add(item.getId()));
    } while (page.more());
    assertThat(ids).hasSize(20).isSorted().doesNotHaveDuplicates();
    assertThat(
            await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "", 100, 1)))
                .items())
        .hasSize(1);
  }

  private ItemPage items(String after, int limit, Set<ItemState> states, String project) {
    return await(harness().store().items(new ItemQuery(key("a"), states, project, after, limit)));
  }

  @Test
  default void reportChangesItems() {
    harness().running("a");
    List<CompletionStage<JobRecord>> reports = new ArrayList<>();
    for (ItemState state : List.of(ItemState.ITEM_STATE_RUNNING, ItemState.ITEM_STATE_DONE)) {
      Report.Builder report = report(0).toBuilder();
      for (int i = 0; i < 5; i++) {
        report.addItems(Item.newBuilder().setId("i" + i).setState(state).setProjectId("p"));
      }
      reports.add(harness().reportLater("a", token("a", 1), report.build()));
    }
    awaitAll(reports);

    assertThat(items("", 10, Set.of(ItemState.ITEM_STATE_DONE), "p").items()).hasSize(5);
    assertThat(harness().get("a").orElseThrow().getJob().getStatus().getItemCounts().getDone())
        .isEqualTo(5);
  }

  @Test
  default void dueJobsAreInOrderOfTheirWakeTimes() {
    Instant start = harness().clock().instant();
    for (int i = 0; i < 10; i++) {
      Duration wait = Duration.ofSeconds(100 - 10 * i);
      harness().create("j" + i, spec().setNotBeforeTime(Times.timestamp(start.plus(wait))));
    }
    harness().create("never");

    DueJobs none = await(harness().store().due(start, 10));
    assertThat(none.keys()).isEmpty();
    assertThat(none.next()).contains(start.plusSeconds(10));

    DueJobs some = await(harness().store().due(start.plusSeconds(30), 10));
    assertThat(some.keys()).containsExactly(key("j9"), key("j8"), key("j7"));
    assertThat(some.next()).contains(start.plusSeconds(40));

    DueJobs limited = await(harness().store().due(start.plusSeconds(30), 2));
    assertThat(limited.keys()).containsExactly(key("j9"), key("j8"));
    assertThat(limited.next()).contains(start.plusSeconds(30));

    DueJobs all = await(harness().store().due(start.plusSeconds(1_000), 10));
    assertThat(all.keys()).hasSize(10);
    assertThat(all.next()).isEmpty();
  }
}
