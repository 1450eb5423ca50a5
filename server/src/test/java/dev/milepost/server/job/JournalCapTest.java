package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.StageChange;
import dev.milepost.v1.StateChange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class JournalCapTest {
  @Property
  void keepsTheSameEntriesAsANaiveModel(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 6) Integer> kinds,
      @ForAll @IntRange(min = 1, max = 20) int cap,
      @ForAll @IntRange(min = 1, max = 30) int chunkSize) {
    // The model: a queue for each kind that drops its oldest entry.
    Map<Integer, Deque<Long>> model = new HashMap<>();
    List<JournalChunk> chunks = new ArrayList<>();
    LogCounts counts = LogCounts.getDefaultInstance();
    for (int i = 0; i < kinds.size(); i++) {
      if (i % chunkSize == 0) {
        chunks.add(JournalChunk.newBuilder().setBefore(counts).build());
      }
      JournalEntry entry = entry(kinds.get(i), i + 1);
      int last = chunks.size() - 1;
      chunks.set(last, chunks.get(last).toBuilder().addEntries(entry).build());
      counts = JournalCap.count(counts, entry, cap);
      Deque<Long> queue = model.computeIfAbsent(kinds.get(i), kind -> new ArrayDeque<>());
      queue.add(entry.getSequence());
      if (queue.size() > cap) {
        queue.remove();
      }
    }

    List<Long> kept = new ArrayList<>();
    for (JournalChunk chunk : chunks) {
      JournalCap.kept(chunk, counts, cap).forEach(entry -> kept.add(entry.entry().getSequence()));
    }

    List<Long> expected = model.values().stream().flatMap(Deque::stream).sorted().toList();
    assertThat(kept).isEqualTo(expected);
    assertThat(counts.getDropped()).isEqualTo(kinds.size() - expected.size());
  }

  @Test
  void eachKindIsCountedSeparately() {
    LogCounts counts = LogCounts.getDefaultInstance();
    for (int kind = 0; kind < 7; kind++) {
      for (int i = 0; i <= kind; i++) {
        counts = JournalCap.count(counts, entry(kind, 1), 1000);
      }
    }
    assertThat(counts)
        .isEqualTo(
            LogCounts.newBuilder()
                .setDebug(1)
                .setInfo(2)
                .setMilestone(3)
                .setWarning(4)
                .setError(5)
                .setStageChanges(6)
                .setStateChanges(7)
                .build());
  }

  @Test
  void aFloodOfOneLevelDoesNotDropOtherLevels() {
    JournalChunk.Builder chunk = JournalChunk.newBuilder().addEntries(entry(4, 1));
    LogCounts counts = JournalCap.count(LogCounts.getDefaultInstance(), entry(4, 1), 10);
    for (int i = 2; i < 1_000; i++) {
      chunk.addEntries(entry(0, i));
      counts = JournalCap.count(counts, entry(0, i), 10);
    }

    assertThat(JournalCap.kept(chunk.build(), counts, 10))
        .extracting(JournalCap.KeptEntry::entry)
        .hasSize(11)
        .contains(entry(4, 1));
  }

  @Test
  void anEntryWithoutContentIsRefused() {
    LogCounts none = LogCounts.getDefaultInstance();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JournalCap.count(none, JournalEntry.getDefaultInstance(), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                JournalCap.count(
                    none,
                    JournalEntry.newBuilder()
                        .setLog(JobLife.line(LogLevel.LOG_LEVEL_UNSPECIFIED, "x"))
                        .build(),
                    1));
  }

  private static JournalEntry entry(int kind, long sequence) {
    JournalEntry.Builder entry = JournalEntry.newBuilder().setSequence(sequence);
    if (kind == 6) {
      return entry.setStateChange(StateChange.getDefaultInstance()).build();
    }
    if (kind == 5) {
      return entry.setStageChange(StageChange.getDefaultInstance()).build();
    }
    return entry.setLog(JobLife.line(LogLevel.forNumber(kind + 1), "line")).build();
  }
}
