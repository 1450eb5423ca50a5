package dev.milepost.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;
import org.junit.jupiter.api.Test;

class JournalOrderTest {
  private final JournalOrder order = new JournalOrder(2);

  @Test
  void acceptsEntriesInOrder() {
    order.take(entries(3, 4));
    order.take(WatchJobResponse.getDefaultInstance());
    order.take(entries(5));

    assertThat(order.last()).isEqualTo(5);
    assertThatCode(() -> order.checkWhole(5)).doesNotThrowAnyException();
    assertThatThrownBy(() -> order.checkWhole(6)).hasMessageContaining("up to entry 5 of 6");
  }

  @Test
  void rejectsAGap() {
    assertThatThrownBy(() -> order.take(entries(3, 5))).hasMessageContaining("entry 5");
  }

  @Test
  void rejectsARepeatedEntry() {
    order.take(entries(3));
    assertThatThrownBy(() -> order.take(entries(3))).hasMessageContaining("entry 3");
  }

  @Test
  void acceptsSkippedRangesAsIncomplete() {
    order.take(entries(5, 7).toBuilder().addSkipped(range(3, 4)).addSkipped(range(6, 6)).build());
    order.take(WatchJobResponse.newBuilder().addSkipped(range(8, 9)).build());

    assertThat(order.last()).isEqualTo(9);
    assertThatThrownBy(() -> order.checkWhole(9)).hasMessageContaining("without 5");
  }

  private static WatchJobResponse entries(long... sequences) {
    WatchJobResponse.Builder step = WatchJobResponse.newBuilder();
    for (long sequence : sequences) {
      step.addEntries(JournalEntry.newBuilder().setSequence(sequence));
    }
    return step.build();
  }

  private static SkippedRange.Builder range(long first, long last) {
    return SkippedRange.newBuilder().setFirstSequence(first).setLastSequence(last);
  }
}
