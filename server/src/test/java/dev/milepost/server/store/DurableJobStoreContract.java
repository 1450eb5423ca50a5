package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every store does in addition that keeps its jobs when it is closed. */
public abstract class DurableJobStoreContract extends JobStoreContract
    implements UnreadableContract {
  /** Closes the store and opens it again. */
  protected final void reopen() {
    harness().store().close();
    harness().use(open(harness().clock(), StoreHarness.CAP));
  }

  @Test
  void reopenedStoreHasEverything() {
    RandomLife life = new RandomLife(harness(), 11);
    for (int round = 0; round < 5; round++) {
      life.live(80);
    }

    reopen();

    life.check();
  }

  /** Earlier versions left kind, health and the outcome of an open attempt unspecified. */
  @Test
  void recordsOfEarlierVersionsAreUpgradedWhenTheyAreRead() {
    harness().create("queued");
    harness().running("running");
    List<JobRecord> current = harness().list(ListContract.ALL, false, 10);
    for (JobRecord record : current) {
      await(
          harness()
              .store()
              .update(
                  Selection.of(JobKey.of(record)),
                  found -> Decision.of(RecordsBefore.put(found.jobs().get(0)), true)));
    }

    reopen();

    List<JobRecord> read = harness().list(ListContract.ALL, false, 10);
    for (int i = 0; i < 2; i++) {
      assertThat(read.get(i).getJob()).isEqualTo(current.get(i).getJob());
      assertThat(harness().get(ids(current).get(i))).contains(read.get(i));
    }
    JobFilter running = ListContract.ALL.toBuilder().setHealth(JobHealth.JOB_HEALTH_OK).build();
    JobFilter single = ListContract.ALL.toBuilder().setKind(JobKind.JOB_KIND_SINGLE).build();
    assertThat(ids(harness().list(running, false, 10))).containsExactly("running");
    assertThat(ids(harness().list(single, false, 10))).containsExactly("queued", "running");
    assertThat(harness().apply("queued", new JobCommand.Cancel("ann", "", null)).getJob().getKind())
        .isEqualTo(JobKind.JOB_KIND_SINGLE);
  }

  @Test
  void reopenedStoreHasTheRecordsOfServers() {
    RecordWrite write =
        RecordWrite.of(
            RecordKind.STATISTICS,
            Map.of("k", ByteString.copyFromUtf8("value")),
            Duration.ofHours(1));
    await(harness().store().records().write(write));

    reopen();

    assertThat(await(harness().store().records().list(RecordKind.STATISTICS, "")))
        .extracting(record -> record.value().toStringUtf8())
        .containsExactly("value");
  }

  @Test
  void reopenedStoreAcceptsUpdates() {
    harness().create("a");
    RequestKey request = new RequestKey(TENANT, "ann", "CreateJob", "r1");
    await(harness().createOnce(job("b", spec()), request, Duration.ofHours(24)));
    harness().create("c");
    harness().apply("c", new JobCommand.Delete(""));

    reopen();

    assertThat(await(harness().createOnce(job("d", spec()), request, Duration.ofHours(24))))
        .isEqualTo(harness().get("b").orElseThrow());
    harness().create("e");
    assertThat(ids(harness().list(ListContract.ALL, false, 10))).containsExactly("a", "b", "e");
    assertThat(ids(harness().claim(StoreHarness.anything(10)))).containsExactly("a", "b", "e");
  }

  @Test
  void closingUnderLoadLosesNoAcknowledgedUpdate() {
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    Thread closer = new Thread(() -> harness().store().close());
    for (int i = 0; i < 3_000; i++) {
      creates.add(harness().createLater(job("j" + i, spec()), List.of()));
      if (i == 2_000) {
        closer.start();
      }
    }
    List<String> acknowledged = new ArrayList<>();
    for (CompletionStage<JobRecord> create : creates) {
      try {
        acknowledged.add(await(create).getJob().getId());
      } catch (StoreException e) {
        assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_APPLIED);
      }
    }

    reopen();

    assertThat(acknowledged).hasSizeGreaterThan(2_000);
    assertThat(ids(harness().list(ListContract.ALL, false, 1_000)))
        .containsExactlyElementsOf(acknowledged);
  }
}
