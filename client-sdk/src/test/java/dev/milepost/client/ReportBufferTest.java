package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReportBufferTest {
  private final AtomicInteger announced = new AtomicInteger();
  private final List<LogLevel> dropped = new CopyOnWriteArrayList<>();
  private final AtomicLong blockedMillis = new AtomicLong();
  private final UnsentReports unsent =
      new UnsentReports(
          64 << 20,
          new ReportListener() {
            @Override
            public void blocked(String jobId, Duration time) {
              blockedMillis.addAndGet(time.toMillis());
            }

            @Override
            public void dropped(String jobId, LogLevel level) {
              dropped.add(level);
            }
          });
  private final ReportBuffer buffer = newBuffer();

  private ReportBuffer newBuffer() {
    return new ReportBuffer("job", 0, unsent, announced::incrementAndGet);
  }

  private void log(String line) {
    log(LogLevel.LOG_LEVEL_INFO, line);
  }

  private void log(LogLevel level, String line) {
    buffer.log(LogEntry.newBuilder().setLevel(level).setMessage(line).build());
  }

  private List<Report> sealed() {
    List<Report> reports = new ArrayList<>();
    for (Report next = buffer.after(0); next != null; next = buffer.after(next.getReportSeq())) {
      reports.add(next);
    }
    return reports;
  }

  @Test
  void collectsManyCallsInOneReportAndAnnouncesItOnce() {
    for (int i = 1; i <= 100; i++) {
      int current = i;
      log("line " + i);
      buffer.progress(progress -> progress.change().setCurrent(current));
      buffer.add(draft -> draft.addOutcome("n", 2));
    }

    assertThat(announced).hasValue(1);
    assertThat(buffer.sealDraft()).isEqualTo(1);
    Report report = sealed().get(0);
    assertThat(report.getLogsCount()).isEqualTo(100);
    assertThat(report.getProgress().getCurrent()).isEqualTo(100);
    assertThat(report.getOutcomeIncrementsOrThrow("n")).isEqualTo(200);
    assertThat(buffer.sealDraft()).isEqualTo(1);
    log("again");
    assertThat(announced).hasValue(2);
  }

  @Test
  void reportsStayBelowTheLimits() {
    for (int i = 0; i < 2_500; i++) {
      log("line " + i);
    }
    String large = "x".repeat(16_000);
    for (int i = 0; i < 100; i++) {
      log(large);
    }
    buffer.sealDraft();

    assertThat(sealed())
        .hasSize(4)
        .allSatisfy(
            report -> {
              assertThat(report.getLogsCount()).isLessThanOrEqualTo(1_000);
              assertThat(report.getSerializedSize()).isLessThan(2 << 20);
            });
  }

  @Test
  void aFullBufferDelaysTheWriterUntilThereIsRoom() throws InterruptedException {
    for (int i = 0; i < ReportBuffer.MAX_LINES; i++) {
      log("x");
    }
    Thread writer = new Thread(() -> log("one too many"));
    writer.start();
    await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
    buffer.acknowledge(1);
    writer.join();
    assertThat(buffer.sealDraft()).isEqualTo(11);
    assertThat(dropped).isEmpty();
  }

  @Test
  void whatFindsNoRoomIsDroppedLeastImportantFirstAndCounted() {
    for (int i = 0; i < ReportBuffer.MAX_LINES; i++) {
      log("x");
    }
    log("waits a second");
    long blockedOnce = blockedMillis.get();
    for (int i = 0; i < 1_000; i++) {
      log(LogLevel.LOG_LEVEL_DEBUG, "dropped at once");
      log(LogLevel.LOG_LEVEL_WARNING, "kept");
    }
    log("dropped at once");

    assertThat(blockedOnce).isBetween(900L, 10_000L);
    assertThat(blockedMillis).hasValue(blockedOnce);
    assertThat(dropped).hasSize(1_002).doesNotContain(LogLevel.LOG_LEVEL_WARNING);
    assertThat(unsent.statistics().droppedLines()).isEqualTo(1_002);
    buffer.sealDraft();
    assertThat(sealed()).extracting(Report::getDroppedLines).containsOnly(0L);

    buffer.acknowledge(sealed().get(sealed().size() - 1).getReportSeq());
    log("after it");
    buffer.sealDraft();
    Report report = sealed().get(0);
    assertThat(report.getDroppedLines()).isEqualTo(1_002);
    assertThat(report.getLogs(0).getMessage())
        .startsWith("1002 log lines (1000 DEBUG, 2 INFO) were dropped from ");
    assertThat(report.getLogs(1).getMessage()).isEqualTo("after it");
  }

  @Test
  void moreImportantLinesAreBoundedToo() {
    for (int i = 0; i < 2 * ReportBuffer.MAX_LINES; i++) {
      log(LogLevel.LOG_LEVEL_ERROR, "x");
    }
    assertThat(dropped).hasSize(7_500).containsOnly(LogLevel.LOG_LEVEL_ERROR);
    assertThat(buffer.takeLast()).isNotNull();
  }

  @Test
  void aStageWithoutRoomIsReportedWithTheNextReport() {
    for (int i = 0; i < 2 * ReportBuffer.MAX_LINES; i++) {
      log(LogLevel.LOG_LEVEL_ERROR, "x");
    }
    buffer.enter(Stage.newBuilder().setName("A").build());
    buffer.enter(Stage.newBuilder().setName("B").build());
    assertThat(buffer.takeLast().getStage().getName()).isEqualTo("B");
  }

  @Test
  void allBuffersOfAClientShareOneLimit() {
    List<ReportBuffer> buffers = IntStream.range(0, 30).mapToObj(i -> newBuffer()).toList();
    LogEntry line =
        LogEntry.newBuilder()
            .setLevel(LogLevel.LOG_LEVEL_ERROR)
            .setMessage("x".repeat(16_000))
            .build();
    // A line of an interrupted thread does not wait, and may exceed the limit by a half.
    Thread.currentThread().interrupt();
    for (ReportBuffer one : buffers) {
      for (int i = 0; i < 500; i++) {
        one.log(line);
      }
    }
    assertThat(Thread.interrupted()).isTrue();
    long bytes = unsent.statistics().unsentBytes();
    assertThat(bytes).isBetween(64L << 20, (96L << 20) + 20_000);
    buffers.forEach(ReportBuffer::discard);
    assertThat(unsent.statistics().unsentBytes()).isZero();
  }

  @Test
  void waitingForACommitEndsInTime() throws InterruptedException {
    log("x");
    assertThat(buffer.awaitCommitted(buffer.lastOrdinal(), Duration.ofMillis(20))).isFalse();
    long ordinal = buffer.lastOrdinal();
    buffer.sealDraft();
    log("later");
    buffer.acknowledge(1);
    assertThat(buffer.awaitCommitted(ordinal, Duration.ZERO)).isTrue();
    assertThat(buffer.awaitCommitted(buffer.lastOrdinal(), Duration.ZERO)).isFalse();
  }

  @Test
  void anInterruptedWriterDoesNotBlockAndLosesNothing() throws InterruptedException {
    for (int i = 0; i < ReportBuffer.MAX_LINES; i++) {
      log("x");
    }
    Thread writer = new Thread(() -> log("one too many"));
    writer.start();
    await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
    writer.interrupt();
    writer.join();
    buffer.sealDraft();
    List<LogEntry> last = sealed().get(10).getLogsList();
    assertThat(last.get(last.size() - 1).getMessage()).isEqualTo("one too many");
  }

  @Test
  void aClosedBufferAcceptsNothingAndBlocksNobody() {
    log("kept");
    buffer.close();
    log("late");
    assertThat(buffer.takeLast().getLogsList())
        .extracting(LogEntry::getMessage)
        .containsExactly("kept");
    assertThat(buffer.takeLast()).isNull();
  }

  @Test
  void sealsProgressTogetherWithEarlierLines() {
    buffer.progress(progress -> progress.change().setCurrent(1));
    buffer.add(draft -> draft.checkpoint(Structs.strict(java.util.Map.of("row", 1))));
    log("first");
    buffer.enter(Stage.newBuilder().setName("B").build());
    buffer.progress(progress -> progress.change().setCurrent(2));
    buffer.sealDraft();

    List<Report> reports = sealed();
    assertThat(reports).hasSize(2);
    assertThat(reports.get(0).getProgress().getCurrent()).isEqualTo(1);
    assertThat(reports.get(0).hasCheckpoint()).isTrue();
    assertThat(reports.get(0).hasStage()).isFalse();
    assertThat(reports.get(1).getProgress().getCurrent()).isEqualTo(2);
    assertThat(reports.get(1).getStage().getName()).isEqualTo("B");
  }

  @Test
  void resyncRemovesCommittedReportsAndRenumbersLostOnes() {
    for (int i = 1; i <= 4; i++) {
      log("line " + i);
      buffer.sealDraft();
    }
    buffer.resync(3);
    assertThat(sealed()).extracting(Report::getReportSeq).containsExactly(3L, 4L);
    assertThat(buffer.committedSeq()).isEqualTo(2);

    buffer.resync(1);
    assertThat(sealed()).extracting(Report::getReportSeq).containsExactly(1L, 2L);
    assertThat(sealed().get(0).getLogs(0).getMessage()).isEqualTo("line 3");
    log("line 5");
    assertThat(buffer.sealDraft()).isEqualTo(3);
  }

  @Test
  void keepsTheLatestStateOfAnItemAndItsData() {
    Item first =
        Item.newBuilder()
            .setId("a")
            .setState(ItemState.ITEM_STATE_RUNNING)
            .setData(Structs.strict(java.util.Map.of("size", 3)))
            .build();
    Item second = Item.newBuilder().setId("a").setState(ItemState.ITEM_STATE_DONE).build();
    buffer.item(first);
    buffer.item(second);
    buffer.sealDraft();

    Item item = sealed().get(0).getItems(0);
    assertThat(sealed().get(0).getItemsCount()).isEqualTo(1);
    assertThat(item.getState()).isEqualTo(ItemState.ITEM_STATE_DONE);
    assertThat(item.hasData()).isTrue();
  }

  @Test
  void settingACounterDiscardsEarlierIncrements() {
    buffer.add(draft -> draft.addOutcome("n", 5));
    buffer.add(draft -> draft.setOutcome("n", 10));
    buffer.add(draft -> draft.addOutcome("n", 1));
    buffer.sealDraft();
    assertThat(sealed().get(0).getOutcomeValuesOrThrow("n")).isEqualTo(10);
    assertThat(sealed().get(0).getOutcomeIncrementsOrThrow("n")).isEqualTo(1);
  }
}
