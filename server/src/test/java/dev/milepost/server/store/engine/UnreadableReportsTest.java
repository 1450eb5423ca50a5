package dev.milepost.server.store.engine;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage.Damage;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.open.StoreOpener;
import dev.milepost.server.store.sqlite.SqliteDamage;
import dev.milepost.v1.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each damaged job, run of entries and item is counted once, however often it is found. */
class UnreadableReportsTest {
  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private final List<String> found = new ArrayList<>();

  private final CommitObserver observer =
      new CommitObserver() {
        @Override
        public void committed(int updates, long nanos) {}

        @Override
        public void failed(int updates) {}

        @Override
        public void foundUnreadable() {
          found.add("job");
        }

        @Override
        public void foundUnreadableEntries() {
          found.add("entries");
        }

        @Override
        public void foundUnreadableItem() {
          found.add("item");
        }
      };

  private JobStore open() {
    Path file = directory.resolve("jobs.db");
    return new UnreadableReports(
        StoreOpener.open("sqlite:" + file, clock, StoreHarness.CAP, CommitObserver.NONE), observer);
  }

  @Test
  void eachIsCountedOnce() {
    try (JobStore store = open()) {
      StoreHarness harness = new StoreHarness(store, clock);
      List<Item> items =
          StoreHarness.numbered("i", 0, 3).stream()
              .map(id -> Item.newBuilder().setId(id).build())
              .toList();
      await(harness.createLater(job("parts", spec()), items));
      harness.create("bad");
    }
    SqliteDamage damage = new SqliteDamage(directory.resolve("jobs.db"));
    damage.jobs(List.of(key("bad")), Damage.GARBAGE);
    damage.journal(key("parts"));
    damage.item(key("parts"), "i0");
    damage.item(key("parts"), "i2");

    try (JobStore store = open()) {
      for (int i = 0; i < 2; i++) {
        assertThat(await(store.get(List.of(key("bad")))).unreadable()).hasSize(1);
        assertThat(await(store.journal(new JournalQuery(key("parts"), 0, 10))).unreadable())
            .hasSize(1);
        ItemQuery query = new ItemQuery(key("parts"), Set.of(), "", "", 10);
        assertThat(await(store.items(query)).unreadable()).containsExactly("i0", "i2");
      }
    }

    assertThat(found).containsExactlyInAnyOrder("job", "entries", "item", "item");
  }
}
