package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** A store with SQL tables, as the version before checksums left it. */
public final class WithoutChecksums {
  private static final RequestKey REQUEST = new RequestKey(TENANT, "ann", "CreateJob", "r0");

  private WithoutChecksums() {}

  /** Statements that make an up-to-date store one of that version, on SQLite and PostgreSQL. */
  public static List<String> statements() {
    return Stream.concat(
            Stream.of(
                    "job.record",
                    "job.tail",
                    "job.spec",
                    "spec.spec",
                    "journal.run",
                    "item.item",
                    "request.request")
                .map(
                    value -> {
                      String table = value.substring(0, value.indexOf('.'));
                      String column = value.substring(value.indexOf('.') + 1);
                      return "UPDATE %1$s SET %2$s = substr(%2$s, 1, length(%2$s) - 4)"
                          .formatted(table, column);
                    }),
            Stream.of(
                "ALTER TABLE job RENAME COLUMN record TO status",
                "DROP TABLE server_record",
                "DROP TABLE term",
                "DROP TABLE search_text"))
        .toList();
  }

  /** Creates something of everything that has a checksum. */
  public static void fill(StoreHarness harness) {
    harness.create("long", spec(5_000));
    harness.running("a");
    for (int i = 1; i <= 60; i++) {
      await(harness.reportLater("a", token("a", 1), report(i)));
    }
    await(harness.createLater(job("items", spec()), List.of(item("x"), item("y"))));
    await(create(harness));
  }

  private static CompletionStage<JobRecord> create(StoreHarness harness) {
    return harness.createOnce(job("once", spec()), REQUEST, Duration.ofHours(24));
  }

  private static Item item(String id) {
    return Item.newBuilder().setId(id).setMessage("of " + id).build();
  }

  /** Returns everything that was created, as the store serves it. */
  public static List<Object> content(StoreHarness harness) {
    return List.of(
        harness.list(ListContract.ALL, false, 10),
        harness.journal("a"),
        await(harness.store().items(new ItemQuery(key("items"), Set.of(), "", "", 10))).items(),
        harness.get("long"),
        harness.get("once"));
  }

  /** Checks that an upgraded store serves what it did, and that it can go on. */
  public static void assertKept(StoreHarness harness, List<Object> content) {
    assertThat(content(harness)).isEqualTo(content);
    assertThat(await(create(harness))).isEqualTo(harness.get("once").orElseThrow());
    await(harness.reportLater("a", token("a", 1), report(61)));
    assertThat(harness.journal("a")).isNotEmpty();
    assertThat(
            await(harness.store().list(new JobQuery(ListContract.ALL, false, Optional.empty(), 10)))
                .unreadable())
        .isEmpty();
  }
}
