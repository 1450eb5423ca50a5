package dev.milepost.server.store;

import static dev.milepost.server.store.ListContract.ALL;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every store does with a filter's text. */
interface SearchContract {
  StoreHarness harness();

  @Test
  default void aTextIsFoundInFourFieldsWhateverItsCase() {
    harness().create("Sync-0001");
    harness().create("b", spec().setDisplayName("The Weekly Export"));
    harness().create("c", spec().setType("thumbnails"));
    harness().create("d", spec().setProjectId("Acme-Shop"));
    harness().create("e", spec().putLabels("weekly", "thumbnails").setDisplayName("thumb nails"));

    assertThat(found("sync-000")).containsExactly("Sync-0001");
    assertThat(found("WEEKLY EX")).containsExactly("b");
    assertThat(found("umbNAIL")).containsExactly("c");
    assertThat(found("acme-s")).containsExactly("d");
    assertThat(found("none of it")).isEmpty();
    // The text of one field does not go on in the next one.
    assertThat(found("csync")).isEmpty();
    assertThat(found("c thumb")).isEmpty();
  }

  /** No character means anything else in a text than itself, in any store. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      value = {
        "100 % done | 0 % D | 100 percent done",
        "a_b | A_B | axb",
        "all * of them | L * O | all of them",
        "what? | T? | what",
        "it's \"so\" | T'S \"S | its so",
        "C:\\temp\\new | \\TEMP\\N | C:/temp/new",
        "[a-z]+$ | [A-Z]+$ | abc",
        "%a(x)% | %A(X)% | a(x)",
        "İSTANBUL | istanbul | Ankara",
        "Izmir ısı | IZMIR ISI | Ankara",
        "Große Straße | GROSSE STRASSE | Grobe Strabe",
        "GROẞE | große | grobe",
        "ΣΊΣΥΦΟΣ | σίσυφος | σίσ",
        "ÄÖÜ éà | äöü ÉÀ | aou ea",
        "ship 🚀🚀 it | 🚀 IT | ship 🚁 it",
        "שלום עולם | לום ע | שלום",
        "مرحبا | رحب | مرح",
        "日本語 | 本 | 日語",
        "𐐀𐐁 | 𐐨𐐩 | 𐐂"
      })
  default void everyCharacterIsMeantLiterally(String name, String wanted, String other) {
    harness().create("a", spec().setDisplayName(name));
    harness().create("b", spec().setDisplayName(other));

    assertThat(found(wanted)).containsExactly("a");
    assertThat(found(name)).containsExactly("a");
  }

  @Test
  default void aTextIsOneConditionOfAFilter() {
    for (int i = 0; i < 12; i++) {
      String user = i % 2 == 0 ? "ann" : "bob";
      JobSpec.Builder spec = spec().setDisplayName("Run " + i % 3).putLabels("k", "v" + i % 4);
      await(
          harness()
              .createLater(new NewJob(key("j" + i), user, user, "", "", spec.build()), List.of()));
    }
    harness().create("other", spec().setType("export").setDisplayName("run 0"));
    harness().apply("j6", new JobCommand.Cancel("ann", "", null));

    JobFilter.Builder runs = ALL.toBuilder().setText("RUN 0");
    assertFound(runs.clone().build(), "j0", "j3", "j6", "j9", "other");
    assertFound(runs.clone().setUserId("ann").build(), "j0", "j6", "other");
    assertFound(runs.clone().setUserId("bob").build(), "j3", "j9");
    assertFound(runs.clone().addStates(JobState.JOB_STATE_CANCELLED).build(), "j6");
    assertFound(runs.clone().addTypes("export").build(), "other");
    assertFound(runs.clone().addTypes("export").addTypes("none").build(), "other");
    assertFound(runs.clone().putLabels("k", "v3").build(), "j3");
    assertFound(runs.clone().setIdPrefix("j9").build(), "j9");
    assertFound(runs.clone().setDisplayName("Run 0").build(), "j0", "j3", "j6", "j9");
    assertFound(runs.clone().setDisplayName("Run 1").build());
    assertFound(runs.clone().setParentId("none").build());
  }

  @Test
  default void oneTenantFindsItsOwnJobsOnlyAndAllTenantsAreSearchedToo() {
    createMany("m", 1_300, "other");
    await(
        harness()
            .createLater(
                new NewJob(
                    new JobKey("beta", "x"),
                    "eve",
                    "eve",
                    "",
                    "",
                    spec().setDisplayName("rare").build()),
                List.of()));
    createMany("n", 1_300, "other");
    harness().create("y", spec().setDisplayName("Rare"));

    JobFilter rare = JobFilter.newBuilder().setText("rare").build();
    assertFound(rare, "x", "y");
    assertFound(rare.toBuilder().setTenantId("beta").build(), "x");
    assertFound(rare.toBuilder().setTenantId("gamma").build());
    assertFound(ALL.toBuilder().setText("rare").build(), "y");
  }

  @Test
  default void rareTextsAreFoundBehindManyOthersInOnePage() {
    List<String> rare = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      harness().create("r" + i, spec().setDisplayName("The rare one"));
      rare.add("r" + i);
      createMany("m" + i + "-", 700, "other");
    }
    List<String> newestFirst = new ArrayList<>(rare);
    Collections.reverse(newestFirst);
    JobFilter filter = ALL.toBuilder().setText("RARE").build();

    for (JobFilter each : List.of(filter, filter.toBuilder().setUserId("ann").build())) {
      assertThat(ids(first(each, false, 10).jobs())).isEqualTo(rare);
      assertThat(ids(first(each, true, 10).jobs())).isEqualTo(newestFirst);
      assertThat(first(each, true, 10).next()).isEmpty();
      assertThat(ids(harness().list(each, false, 1))).isEqualTo(rare);
      assertThat(ids(harness().list(each, true, 3))).isEqualTo(newestFirst);
    }
  }

  @Test
  default void commonTextsAreReadPageByPage() {
    createMany("a", 900, "common");
    createMany("b", 300, "other");
    createMany("c", 900, "common");
    List<String> expected = new ArrayList<>(StoreHarness.numbered("a", 0, 900));
    expected.addAll(StoreHarness.numbered("c", 0, 900));

    JobFilter filter = ALL.toBuilder().setText("Common").build();
    for (int limit : List.of(7, 50, 1_000)) {
      assertThat(ids(harness().list(filter, false, limit))).isEqualTo(expected);
    }
    Collections.reverse(expected);
    assertThat(ids(harness().list(filter, true, 50))).isEqualTo(expected);
  }

  /** A creation time ends a search as soon as one of the jobs that do not match is beyond it. */
  @Test
  default void aSearchEndsAtItsCreationTime() {
    harness().create("rare");
    createMany("old", 2_600, "other");
    harness().clock().advance(Duration.ofDays(5));
    Instant later = harness().clock().instant();
    createMany("new", 20, "other");

    JobFilter filter =
        ALL.toBuilder()
            .setText("rare")
            .setCreateTimeFrom(Times.timestamp(later.minusSeconds(1)))
            .build();
    assertThat(first(filter, true, 10)).isEqualTo(new JobPage(List.of(), Optional.empty()));
  }

  @Test
  default void textsFollowTheJob() {
    JobRecord created = harness().create("a", spec().setDisplayName("One"));
    JobSpec changed = JobSpec.newBuilder().setDisplayName("Two").build();

    harness().apply("a", new JobCommand.Update(changed, FieldMask.getDefaultInstance(), ""));

    assertThat(found("one")).isEmpty();
    assertThat(found("two")).containsExactly("a");
    harness().apply("a", new JobCommand.Cancel("ann", "", null));
    assertThat(found("two")).containsExactly("a");
    harness().apply("a", new JobCommand.Delete(""));
    assertThat(found("two")).isEmpty();
    harness().create("a", created.getJob().getSpec().toBuilder().setDisplayName("Three"));
    assertThat(found("two")).isEmpty();
    assertThat(found("three")).containsExactly("a");
  }

  private List<String> found(String text) {
    return ids(harness().list(ALL.toBuilder().setText(text).build(), false, 10));
  }

  private void assertFound(JobFilter filter, String... expected) {
    List<String> newestFirst = new ArrayList<>(List.of(expected));
    Collections.reverse(newestFirst);
    assertThat(ids(harness().list(filter, false, 3))).as("%s", filter).containsExactly(expected);
    assertThat(ids(harness().list(filter, true, 10))).as("%s", filter).isEqualTo(newestFirst);
  }

  private JobPage first(JobFilter filter, boolean newestFirst, int limit) {
    return await(
        harness().store().list(new JobQuery(filter, newestFirst, Optional.empty(), limit)));
  }

  private void createMany(String prefix, int count, String name) {
    List<CompletionStage<JobRecord>> created =
        StoreHarness.numbered(prefix, 0, count).stream()
            .map(id -> harness().createLater(job(id, spec().setDisplayName(name)), List.of()))
            .toList();
    StoreHarness.awaitAll(created);
  }
}
