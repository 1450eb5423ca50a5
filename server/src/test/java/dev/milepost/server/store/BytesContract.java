package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every store does with reads whose bytes are limited. */
interface BytesContract {
  StoreHarness harness();

  /** Room for two large jobs. */
  long TWO = 120_000;

  private List<String> createLarge(int count) {
    List<String> created = StoreHarness.numbered("j", 0, count);
    created.forEach(id -> harness().create(id, StoreHarness.spec(50_000)));
    return created;
  }

  private JobPage page(boolean newestFirst, Optional<String> after, long bytes, JobShape shape) {
    return await(
        harness()
            .store()
            .list(new JobQuery(ListContract.ALL, newestFirst, after, 1_000, bytes, shape)));
  }

  /** Returns the ids of the jobs on each page. */
  private List<List<String>> pages(boolean newestFirst, long bytes) {
    List<List<String>> pages = new ArrayList<>();
    Optional<String> after = Optional.empty();
    do {
      JobPage page = page(newestFirst, after, bytes, JobShape.WHOLE);
      pages.add(ids(page.jobs()));
      after = page.next();
    } while (after.isPresent());
    return pages;
  }

  @Test
  default void pageEndsAtItsBytesAndTheNextOneGoesOnAfterIt() {
    List<String> created = createLarge(7);
    harness().create("small");
    List<String> all = new ArrayList<>(created);
    all.add("small");

    for (boolean newestFirst : List.of(false, true)) {
      List<List<String>> pages = pages(newestFirst, TWO);

      assertThat(pages).allSatisfy(page -> assertThat(page).hasSizeBetween(1, 3)).hasSize(4);
      assertThat(pages.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
      Collections.reverse(all);
    }
  }

  @Test
  default void pageHoldsOneJobWhateverItsSize() {
    List<String> created = createLarge(3);

    assertThat(pages(false, 1_000))
        .containsExactlyElementsOf(created.stream().map(List::of).toList());
  }

  @Test
  default void storeReadsNoFurtherThanThePage() {
    createLarge(100);
    AtomicInteger reads = new AtomicInteger();

    JobPage page =
        page(
            true,
            Optional.empty(),
            TWO,
            job -> {
              reads.incrementAndGet();
              return job;
            });

    assertThat(page.jobs()).hasSize(2);
    assertThat(reads).hasValue(3);
  }

  @Test
  default void bytesCountAsFarAsTheyAreKept() {
    List<String> created = createLarge(40);

    JobPage page = page(false, Optional.empty(), TWO, JobShape.OUTLINE);

    assertThat(ids(page.jobs())).isEqualTo(created);
    assertThat(page.next()).isEmpty();
    assertThat(page.jobs()).noneMatch(job -> job.getJob().getSpec().hasParams());
    assertThat(page(false, Optional.empty(), TWO, job -> null).jobs()).isEmpty();
  }

  @Test
  default void readByKeyEndsAtItsBytes() {
    createLarge(5);
    List<JobKey> keys = List.of(key("j3"), key("gone"), key("j0"), key("j1"), key("j2"));

    JobsByKey read = await(harness().store().get(keys, "", TWO, JobShape.WHOLE));

    assertThat(ids(read.jobs())).containsExactly("j3", "j0");
    assertThat(read.read()).isEqualTo(3);
    JobsByKey one = await(harness().store().get(keys.subList(3, 5), "", 1_000, JobShape.WHOLE));
    assertThat(ids(one.jobs())).containsExactly("j1");
    assertThat(one.read()).isEqualTo(1);
    List<JobRecord> all = await(harness().store().get(keys)).jobs();
    assertThat(ids(all)).containsExactly("j3", "j0", "j1", "j2");
  }
}
