package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** A store with jobs that a version without the index of terms, or without texts, has written. */
public final class WithoutTerms {
  private WithoutTerms() {}

  /** Creates jobs of all kinds, so many that a page without the index does not find them. */
  public static void fill(StoreHarness harness) {
    harness.create("short", spec().setDisplayName("A \"name\"").putLabels("k", "v \\ \u00e4"));
    harness.create("long", spec(20_000).putLabels("k", "v \\ \u00e4").putLabels("a\u00ffb", ""));
    harness.apply("long", new JobCommand.Cancel("ann", "", null));
    harness.clock().advance(Duration.ofDays(1));
    List<CompletionStage<JobRecord>> others =
        IntStream.range(0, 2_100)
            .mapToObj(i -> harness.createLater(StoreHarness.job("j" + i, spec()), List.of()))
            .toList();
    others.forEach(StoreHarness::await);
  }

  /** Checks that the jobs are found by their index. */
  public static void assertIndexed(StoreHarness harness) {
    JobFilter.Builder tenant = ListContract.ALL.toBuilder();
    assertThat(first(harness, tenant.clone().putLabels("k", "v \\ \u00e4").build()))
        .containsExactly("long", "short");
    assertThat(first(harness, tenant.clone().putLabels("a\u00ffb", "").build()))
        .containsExactly("long");
    assertThat(first(harness, tenant.clone().setDisplayName("A \"name\"").build()))
        .containsExactly("short");
    assertThat(first(harness, tenant.clone().setIdPrefix("lon").build())).containsExactly("long");
    assertThat(first(harness, tenant.clone().setText("a \"N").build())).containsExactly("short");
    assertThat(first(harness, tenant.clone().setText("LONG").build())).containsExactly("long");
    Instant ended =
        Times.instant(harness.get("long").orElseThrow().getJob().getStatus().getEndTime());
    assertThat(
            first(
                harness,
                tenant
                    .clone()
                    .setEndTimeFrom(Times.timestamp(ended))
                    .setEndTimeUntil(Times.timestamp(ended.plusSeconds(1)))
                    .build()))
        .containsExactly("long");
  }

  private static List<String> first(StoreHarness harness, JobFilter filter) {
    return ids(
        await(harness.store().list(new JobQuery(filter, true, Optional.empty(), 10))).jobs());
  }
}
