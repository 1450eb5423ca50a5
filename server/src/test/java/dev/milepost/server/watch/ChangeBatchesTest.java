package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangeBatchesTest {
  private static JobKey key(String id) {
    return new JobKey("acme", id);
  }

  private static JobRecord record(String id, long revision) {
    JobRecord.Builder record = JobRecord.newBuilder().setRevision(revision);
    record.getJobBuilder().setTenantId("acme").setId(id);
    return record.build();
  }

  private static Change change(String id, @Nullable JobRecord before, @Nullable JobRecord after) {
    return new Change(key(id), before, after, List.of());
  }

  @Test
  void holdsOneNetChangePerJob() {
    ChangeBatches batches = new ChangeBatches(100, 1 << 20);
    assertThat(batches.add(List.of(change("a", null, record("a", 1))))).isTrue();
    assertThat(
            batches.add(
                List.of(
                    change("b", record("b", 4), record("b", 5)),
                    change("a", record("a", 1), record("a", 2)),
                    change("b", record("b", 5), null))))
        .as("the batch is already open")
        .isFalse();

    assertThat(batches.batch(1)).isEmpty();
    batches.close("");

    assertThat(batches.batch(1).orElseThrow())
        .containsExactly(
            new NetChange(key("a"), null, record("a", 2)),
            new NetChange(key("b"), record("b", 4), null));
    assertThat(batches.next()).isEqualTo(2);
    batches.close("");
    assertThat(batches.next()).as("an empty batch is not closed").isEqualTo(2);
  }

  @Test
  void aJobThatIsCreatedAgainIsAnotherJob() {
    ChangeBatches batches = new ChangeBatches(100, 1 << 20);
    batches.add(
        List.of(
            change("a", record("a", 7), null),
            change("a", null, record("a", 1)),
            change("a", record("a", 1), record("a", 2))));
    batches.close("");

    assertThat(batches.batch(1).orElseThrow())
        .containsExactly(
            new NetChange(key("a"), record("a", 7), null),
            new NetChange(key("a"), null, record("a", 2)));
    batches.close("");
    assertThat(batches.next()).isEqualTo(2);
  }

  @Test
  void changesOfAnotherServerMayArriveLate() {
    ChangeBatches batches = new ChangeBatches(100, 1 << 20);
    // Another server has created the job and changed it; this one has changed it twice since.
    batches.add(List.of(change("a", record("a", 2), record("a", 3))));
    batches.add(List.of(change("b", record("b", 6), record("b", 7))));
    batches.add(List.of(change("a", record("a", 3), record("a", 4))));
    batches.add(List.of(change("a", null, record("a", 4))));
    batches.add(List.of(change("b", record("b", 5), record("b", 6))));
    batches.add(List.of(change("c", record("c", 8), null)));
    batches.add(List.of(change("c", record("c", 7), null)));
    batches.close("");

    assertThat(batches.batch(1).orElseThrow())
        .containsExactly(
            new NetChange(key("a"), null, record("a", 4)),
            new NetChange(key("b"), record("b", 5), record("b", 7)),
            new NetChange(key("c"), record("c", 7), null));
  }

  @Test
  void knowsWhereEachBatchStarts() {
    ChangeBatches batches = new ChangeBatches(2, 1 << 20);
    assertThat(batches.start(1)).isEmpty();
    batches.close("p0");
    assertThat(batches.start(1)).as("nothing has changed before").isEqualTo("p0");
    for (int i = 1; i <= 3; i++) {
      batches.add(List.of(change("a" + i, null, record("a" + i, 1))));
      batches.close(i == 2 ? "" : "p" + i);
    }
    assertThat(batches.contains(1)).isFalse();
    assertThat(List.of(batches.start(2), batches.start(3), batches.start(4)))
        .containsExactly("p1", "", "p3");
    batches.close("p4");
    batches.close("");
    assertThat(batches.start(4)).isEqualTo("p4");
    batches.clear();
    assertThat(batches.start(batches.next())).isEmpty();
  }

  @Test
  void dropsTheOldestBatchesFirst() {
    ChangeBatches batches = new ChangeBatches(3, 1 << 20);
    for (int i = 1; i <= 5; i++) {
      batches.add(List.of(change("a" + i, null, record("a" + i, 1))));
      batches.close("");
    }

    assertThat(batches.contains(2)).isFalse();
    assertThat(batches.contains(3)).isTrue();
    assertThat(batches.contains(6)).as("comes next").isTrue();
    assertThat(batches.contains(7)).isFalse();
    for (int i = 3; i <= 5; i++) {
      assertThat(batches.batch(i).orElseThrow())
          .containsExactly(new NetChange(key("a" + i), null, record("a" + i, 1)));
    }
    assertThat(batches.batch(6)).isEmpty();
  }

  @Test
  void dropsBatchesOfTooManyBytesButNotTheLatest() {
    long size = record("a1", 1).getSerializedSize();
    ChangeBatches batches = new ChangeBatches(100, 2 * size);
    for (int i = 1; i <= 4; i++) {
      batches.add(List.of(change("a" + i, null, record("a" + i, 1))));
      batches.close("");
    }

    assertThat(batches.contains(2)).isFalse();
    assertThat(batches.contains(3)).isTrue();

    ChangeBatches tiny = new ChangeBatches(100, 1);
    tiny.add(List.of(change("a", null, record("a", 1))));
    tiny.close("");
    assertThat(tiny.batch(1).orElseThrow()).hasSize(1);
  }

  @Test
  void clearMakesEarlierPositionsInvalid() {
    ChangeBatches batches = new ChangeBatches(10, 1 << 20);
    batches.add(List.of(change("a", null, record("a", 1))));
    batches.close("");
    batches.add(List.of(change("b", null, record("b", 1))));
    batches.clear();

    assertThat(batches.next()).isEqualTo(2);
    assertThat(batches.contains(1)).isFalse();
    assertThat(batches.add(List.of(change("c", null, record("c", 1))))).isTrue();
  }
}
