package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two servers on one engine agree, whichever is first. */
public abstract class SharedStoreContract {
  private final SettableClock clock = new SettableClock();
  private StoreHarness one;
  private StoreHarness two;

  /** Opens the store under test: empty the first time within a test, the same one afterwards. */
  protected abstract JobStore open(SettableClock clock, int journalCap);

  @BeforeEach
  void openBoth() {
    one = new StoreHarness(open(clock, StoreHarness.CAP), clock);
    two = new StoreHarness(open(clock, StoreHarness.CAP), clock);
  }

  @AfterEach
  void close() {
    one.store().close();
    two.store().close();
  }

  @Test
  void oneOfTwoConcurrentCreatesWins() {
    int rounds = 100;
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      creates.add(one.createLater(job("j" + i, spec()), List.of()));
      creates.add(two.createLater(job("j" + i, spec()), List.of()));
    }

    int created = 0;
    for (CompletionStage<JobRecord> create : creates) {
      try {
        await(create);
        created++;
      } catch (Refusal.JobAlreadyExists e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
    assertThat(created).isEqualTo(rounds);
    assertThat(await(one.store().count(all())).get(0).getCount()).isEqualTo(rounds);
  }

  private static CountQuery all() {
    return new CountQuery(JobFilter.getDefaultInstance(), Set.of());
  }

  @Test
  void sizesThatBothServersCountAddUp() {
    one.running("a");
    two.create("b");
    for (int i = 0; i < 3; i++) {
      StoreHarness server = i % 2 == 0 ? two : one;
      await(
          server.reportLater(
              "a", token("a", 1), report(0, LogLevel.LOG_LEVEL_INFO, "x".repeat(20_000))));
      assertThat(one.storedBytes(JobFilter.getDefaultInstance()))
          .isEqualTo(
              one.get("a").orElseThrow().getChargedBytes()
                  + one.get("b").orElseThrow().getChargedBytes())
          .isGreaterThan(20_000L * (i + 1));
    }

    two.apply(
        "a",
        new JobCommand.Complete(token("a", 1), report(0), Map.of(), Struct.getDefaultInstance()));
    one.apply("a", new JobCommand.Delete(""));
    one.apply("b", new JobCommand.Delete(""));

    assertThat(two.storedBytes(JobFilter.getDefaultInstance())).isZero();
    two.create("b");
    assertThat(one.storedBytes(JobFilter.getDefaultInstance()))
        .isEqualTo(one.get("b").orElseThrow().getChargedBytes());
  }

  @Test
  void requestRepeatedOnAnotherServerCreatesOneJob() {
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RequestKey request = new RequestKey(StoreHarness.TENANT, "ann", "CreateJob", "r" + i);
      creates.add(one.createOnce(job("one" + i, spec()), request, Duration.ofHours(24)));
      creates.add(two.createOnce(job("two" + i, spec()), request, Duration.ofHours(24)));
    }

    for (int i = 0; i < 100; i += 2) {
      assertThat(await(creates.get(i))).isEqualTo(await(creates.get(i + 1)));
    }
    assertThat(await(two.store().count(all())).get(0).getCount()).isEqualTo(50);
  }

  @Test
  void noReportIsLostIfBothServersReportOnTheSameJobs() {
    List<String> ids = StoreHarness.numbered("j", 0, 5);
    ids.forEach(one::running);
    List<CompletionStage<JobRecord>> reports = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      for (String id : ids) {
        reports.add(one.reportLater(id, token(id, 1), report(0)));
        reports.add(two.reportLater(id, token(id, 1), report(0)));
      }
    }
    reports.forEach(StoreHarness::await);

    for (String id : ids) {
      JobRecord job = two.get(id).orElseThrow();
      assertThat(job.getRevision()).isEqualTo(202);
      assertThat(job.getJob().getStatus().getLogCounts().getInfo()).isEqualTo(200);
    }
  }

  @Test
  void decisionsThatLockInDifferentOrdersAllSucceed() {
    List<JobKey> keys =
        new ArrayList<>(StoreHarness.numbered("j", 0, 20).stream().map(id -> key(id)).toList());
    keys.forEach(key -> one.create(key.jobId()));
    List<JobKey> reversed = new ArrayList<>(keys);
    Collections.reverse(reversed);
    List<CompletionStage<Integer>> stages = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      for (StoreHarness server : List.of(one, two)) {
        Selection both =
            new Selection.Named(server == one ? keys : reversed, Set.of(), Optional.empty(), false);
        stages.add(server.store().update(both, found -> Decision.nothing(found.jobs().size())));
        // One at a time and in a different order: a group would lock in one order.
        JobKey single = server == one ? keys.get(i % 20) : reversed.get(i % 20);
        stages.add(
            server
                .store()
                .update(Selection.of(single), found -> Decision.nothing(20 * found.jobs().size())));
      }
    }

    assertThat(StoreHarness.awaitAll(stages)).containsOnly(20);
  }

  @Test
  void otherServerReceivesChangesWithTheirEntries() {
    List<Change> received = new CopyOnWriteArrayList<>();
    two.store()
        .subscribe(
            new ChangeListener() {
              @Override
              public void changed(List<Change> changes) {
                received.addAll(changes);
              }

              @Override
              public void missed() {
                throw new AssertionError("nothing was missed");
              }
            });

    JobRecord running = one.running("a");
    for (int i = 1; i <= 20; i++) {
      await(one.reportLater("a", token("a", 1), report(i)));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> last(received).getReportSeq() == 20);

    Set<Long> sequences = new HashSet<>();
    for (Change change : received) {
      for (JournalEntry entry : change.entries()) {
        sequences.add(entry.getSequence());
      }
    }
    assertThat(received.get(0).before()).isNull();
    assertThat(sequences).hasSize((int) running.getJob().getStatus().getJournalSequence() + 20);
    assertThat(last(received)).isEqualTo(one.get("a").orElseThrow());
  }

  private static JobRecord last(List<Change> received) {
    if (received.isEmpty()) {
      return JobRecord.getDefaultInstance();
    }
    JobRecord after = received.get(received.size() - 1).after();
    return after == null ? JobRecord.getDefaultInstance() : after;
  }

  @Test
  void otherServerReceivesManyChangesInBoundedSlices() {
    List<List<Change>> received = new CopyOnWriteArrayList<>();
    Subscription subscription =
        two.store()
            .subscribe(
                new ChangeListener() {
                  @Override
                  public void changed(List<Change> changes) {
                    received.add(changes);
                  }

                  @Override
                  public void missed() {}
                });
    List<String> ids = StoreHarness.numbered("j", 0, 300);

    // One commit, unless the first job is alone in it.
    StoreHarness.awaitAll(
        ids.stream().map(id -> one.createLater(job(id, spec()), List.of())).toList());

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                received.stream()
                    .flatMap(List::stream)
                    .map(change -> change.key().jobId())
                    .collect(Collectors.toSet())
                    .containsAll(ids));
    subscription.close();
    assertThat(received).allMatch(changes -> changes.size() <= 64);
  }

  @Test
  void claimHidesNoJobFromTheOtherServerThatItLeaves() {
    List<String> created = StoreHarness.numbered("j", 0, 30);
    created.forEach(id -> one.create(id, StoreHarness.spec(200_000)));
    ClaimQuery three = new ClaimQuery(StoreHarness.TENANT, Set.of(), Set.of(), 0, 100, 10, 700_000);
    List<CompletionStage<List<JobRecord>>> claims = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      claims.add(one.claimLater(three));
      claims.add(two.claimLater(three));
    }

    List<List<String>> claimed = new ArrayList<>();
    claims.forEach(claim -> claimed.add(StoreHarness.ids(await(claim))));
    assertThat(claimed).allSatisfy(ids -> assertThat(ids).hasSizeBetween(1, 3));
    while (claimed.get(claimed.size() - 1).size() > 0) {
      claimed.add(StoreHarness.ids(two.claim(three)));
    }
    assertThat(claimed.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(created);
  }

  @Test
  void concurrentClaimsTakeEachJobOnce() {
    StoreHarness.numbered("j", 0, 60).forEach(one::create);
    List<CompletionStage<List<JobRecord>>> claims = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      claims.add(one.claimLater(StoreHarness.anything(2)));
      claims.add(two.claimLater(StoreHarness.anything(2)));
    }
    List<String> claimed = new ArrayList<>();
    claims.forEach(claim -> claimed.addAll(StoreHarness.ids(await(claim))));

    assertThat(claimed).doesNotHaveDuplicates();
    claimed.addAll(StoreHarness.ids(two.claim(StoreHarness.anything(100))));
    assertThat(claimed).hasSize(60).doesNotHaveDuplicates();
  }
}
