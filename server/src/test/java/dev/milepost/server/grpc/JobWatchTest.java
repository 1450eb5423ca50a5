package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.FieldMask;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The guarantees of a job watch: ordered, unique, reliable, resumable. */
class JobWatchTest {
  private TestServer server = TestServer.start();
  private TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private void restartWith(Map<String, Object> settings) {
    server.close();
    server = TestServer.start(settings);
    ann = server.client();
  }

  private static WatchJobRequest.Builder of(HeldJob work) {
    return WatchJobRequest.newBuilder().setJobId(work.jobId());
  }

  private static List<Long> numbers(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void sendsTheJobAtOnce() {
    Job job = ann.create("a");
    JobWatchRecorder watch = ann.watch(job.getId()).awaitMessages(1);
    assertThat(watch.messages().get(0).getJob()).isEqualTo(job);
    watch.awaitPosition(1);
    assertThat(watch.sequences()).containsExactly(1L);
  }

  @Test
  void completesAfterTheLastEntryOfAFinishedJob() {
    HeldJob work = ann.start("a");
    JobWatchRecorder watch = ann.watch(of(work)).awaitMessages(1);
    work.log(LogLevel.LOG_LEVEL_INFO, "one");
    work.complete();
    assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(watch.sequences()).isEqualTo(numbers(1, 4));
    WatchJobResponse last = watch.messages().get(watch.messages().size() - 1);
    assertThat(last.getSequence()).isEqualTo(4);
    assertThat(last.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);

    JobWatchRecorder late = ann.watch(of(work));
    assertThat(late.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(late.sequences()).isEqualTo(numbers(1, 4));
  }

  @Test
  void sendsEveryEntryOnceAndInOrderUnderConcurrentReports() throws Exception {
    HeldJob work = ann.start("a");
    List<JobWatchRecorder> watches = new ArrayList<>();
    ExecutorService workers = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < 400; i++) {
        String line = "line " + i;
        workers.execute(
            () ->
                work.report(
                    Report.newBuilder().addLogs(HeldJob.info(line)).addLogs(HeldJob.info(line))));
        if (i % 20 == 0) {
          watches.add(ann.watch(of(work)));
        }
      }
    } finally {
      workers.shutdown();
      assertThat(workers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
    work.complete();
    for (JobWatchRecorder watch : watches) {
      assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
      assertThat(watch.sequences()).isEqualTo(numbers(1, 803));
      assertThat(watch.skipped()).isEmpty();
    }
  }

  @Test
  void resumesFromEveryPosition() {
    HeldJob work = ann.start("a");
    for (int i = 0; i < 20; i++) {
      work.log(LogLevel.LOG_LEVEL_INFO, "line " + i);
    }
    work.complete();
    for (long position = 0; position <= 23; position++) {
      JobWatchRecorder watch = ann.watch(of(work).setAfterSequence(position));
      assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
      assertThat(watch.sequences()).isEqualTo(numbers(position + 1, 23));
      assertThat(watch.messages().get(0).hasJob()).isTrue();
    }
  }

  @Test
  void startsWithTheLatestEntriesOnRequest() {
    HeldJob work = ann.start("a");
    for (int i = 0; i < 20; i++) {
      work.log(LogLevel.LOG_LEVEL_INFO, "line " + i);
    }
    work.complete();

    JobWatchRecorder latest = ann.watch(of(work).setTail(5));
    assertThat(latest.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(latest.sequences()).isEqualTo(numbers(19, 23));
    JobWatchRecorder all = ann.watch(of(work).setTail(1_000));
    assertThat(all.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(all.sequences()).isEqualTo(numbers(1, 23));
    JobWatchRecorder resumed = ann.watch(of(work).setTail(2).setAfterSequence(10));
    assertThat(resumed.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(resumed.sequences()).as("a position is stronger").isEqualTo(numbers(11, 23));
  }

  @Test
  void refusesAPositionBeyondTheJournal() {
    HeldJob work = ann.start("a");
    Failure failure = ann.watch(of(work).setAfterSequence(3)).awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.OUT_OF_RANGE);
    assertThat(failure.reason()).isEqualTo("POSITION_OUT_OF_RANGE");
  }

  @Test
  void minLevelOmitsLogEntriesOnly() {
    HeldJob work = ann.start("a");
    JobWatchRecorder watch =
        ann.watch(of(work).setMinLevel(LogLevel.LOG_LEVEL_WARNING)).awaitMessages(1);
    work.log(LogLevel.LOG_LEVEL_DEBUG, "no");
    work.log(LogLevel.LOG_LEVEL_ERROR, "yes");
    work.log(LogLevel.LOG_LEVEL_INFO, "no");
    work.complete();
    watch.awaitEnd();
    assertThat(watch.sequences()).containsExactly(1L, 2L, 4L, 6L);
    assertThat(watch.skipped()).isEmpty();
    assertThat(watch.position()).isEqualTo(6);
  }

  @Test
  void omitsStatusesOrJournalOnRequest() {
    HeldJob work = ann.start("a");
    JobWatchRecorder log = ann.watch(of(work).setOmitStatus(true)).awaitMessages(1);
    JobWatchRecorder progress = ann.watch(of(work).setOmitJournal(true)).awaitMessages(1);
    work.progress(1, 2);
    work.log(LogLevel.LOG_LEVEL_INFO, "line");
    work.complete();
    log.awaitEnd();
    progress.awaitEnd();
    assertThat(log.messages()).noneMatch(WatchJobResponse::hasStatus);
    assertThat(log.sequences()).isEqualTo(numbers(1, 4));
    assertThat(progress.entries()).isEmpty();
    assertThat(progress.position()).isEqualTo(4);
    WatchJobResponse last = progress.messages().get(progress.messages().size() - 1);
    assertThat(last.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void reportsEntriesDroppedByTheCapToAResumedWatch() {
    restartWith(Map.of("milepost.jobs.journal-cap", 10));
    HeldJob work = ann.start("a");
    for (int i = 0; i < 50; i++) {
      work.log(LogLevel.LOG_LEVEL_INFO, "line " + i);
    }
    work.complete();
    JobWatchRecorder watch = ann.watch(of(work).setAfterSequence(5));
    assertThat(watch.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(watch.sequences()).isEqualTo(numbers(43, 53));
    assertThat(watch.skipped())
        .containsExactly(SkippedRange.newBuilder().setFirstSequence(6).setLastSequence(42).build());
  }

  @Test
  void reportsEntriesDroppedByTheCapToASlowWatch() {
    restartWith(Map.of("milepost.jobs.journal-cap", 10));
    HeldJob work = ann.start("a");
    JobWatchRecorder slow = ann.watch(of(work), 1);
    slow.awaitMessages(1);
    String padding = "x".repeat(10_000);
    int reports = 1_000;
    for (int i = 0; i < reports; i++) {
      work.log(LogLevel.LOG_LEVEL_INFO, padding);
    }
    work.complete();
    slow.take(Integer.MAX_VALUE);
    assertThat(slow.awaitEnd().getCode()).isEqualTo(Code.OK);
    assertThat(slow.skipped()).isNotEmpty();
    TreeSet<Long> reported = new TreeSet<>(slow.sequences());
    assertThat(reported).hasSize(slow.sequences().size());
    assertThat(slow.sequences()).isSorted();
    for (SkippedRange range : slow.skipped()) {
      numbers(range.getFirstSequence(), range.getLastSequence())
          .forEach(number -> assertThat(reported.add(number)).as("number %s", number).isTrue());
    }
    assertThat(reported).containsExactlyElementsOf(numbers(1, reports + 3));
  }

  @Test
  void conflatesStatusesAndCountsTheSkippedOnes() {
    HeldJob work = ann.start("a");
    JobWatchRecorder slow = ann.watch(of(work), 1);
    slow.awaitMessages(1);
    int reports = 3_000;
    String padding = "x".repeat(1_000);
    for (int i = 1; i <= reports; i++) {
      work.report(
          Report.newBuilder()
              .setProgress(
                  Progress.newBuilder().setCurrent(i).setTotal(reports).setMessage(padding)));
    }
    work.complete();
    slow.take(Integer.MAX_VALUE);
    assertThat(slow.awaitEnd().getCode()).isEqualTo(Code.OK);
    long skipped = slow.messages().stream().mapToLong(WatchJobResponse::getSkippedStatuses).sum();
    long seen = slow.messages().stream().filter(WatchJobResponse::hasStatus).count();
    assertThat(skipped).isPositive();
    assertThat(skipped + seen).isEqualTo(reports + 1);
    assertThat(
            slow.messages().get(slow.messages().size() - 1).getStatus().getProgress().getCurrent())
        .isEqualTo(reports);
  }

  @Test
  void sendsTheJobAgainWhenItsSpecChanges() {
    HeldJob work = ann.start("a");
    JobWatchRecorder watch = ann.watch(of(work)).awaitPosition(2);
    Job updated =
        ann.jobs()
            .updateJob(
                UpdateJobRequest.newBuilder()
                    .setJobId(work.jobId())
                    .setSpec(JobSpec.newBuilder().setPriority(3))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("priority"))
                    .build())
            .getJob();
    await().until(() -> watch.messages().stream().filter(WatchJobResponse::hasJob).count() == 2);
    WatchJobResponse last = watch.messages().get(watch.messages().size() - 1);
    assertThat(last.getJob()).isEqualTo(updated);
    assertThat(last.hasStatus()).isFalse();
    work.progress(1, 2);
    await().until(() -> watch.messages().get(watch.messages().size() - 1).hasStatus());
  }

  @Test
  void sendsBookmarksWhenNothingChanges() {
    restartWith(Map.of("milepost.watch.bookmark-interval", "50ms"));
    HeldJob work = ann.start("a");
    JobWatchRecorder watch = ann.watch(of(work)).awaitPosition(2);
    int received = watch.messages().size();
    watch.awaitMessages(received + 3);
    assertThat(watch.messages().subList(received, received + 3))
        .allMatch(message -> message.equals(WatchJobResponse.newBuilder().setSequence(2).build()));
  }

  @Test
  void failsIfTheJobDoesNotExistOrIsDeleted() {
    assertThat(ann.watch("no-such-job").awaitFailure().reason()).isEqualTo("JOB_NOT_FOUND");
    Job job = ann.create("a");
    JobWatchRecorder watch = ann.watch(job.getId()).awaitMessages(1);
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(job.getId()).build());
    assertThat(watch.awaitFailure().reason()).isEqualTo("JOB_NOT_FOUND");
  }

  @Test
  void releasesACancelledWatchThatNeverRead() {
    HeldJob work = ann.start("a");
    JobWatchRecorder unread = ann.watch(of(work), 0);
    awaitWatched(work, true);
    unread.cancel();
    awaitWatched(work, false);
  }

  private static void awaitWatched(HeldJob work, boolean watched) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> (work.heartbeat().getMinReportInterval().getSeconds() == 0) == watched);
  }

  @Test
  void missesNothingWhenOpenedAndClosedAtAHighRate() throws Exception {
    HeldJob work = ann.start("a");
    AtomicBoolean stop = new AtomicBoolean();
    Thread reporter =
        new Thread(
            () -> {
              while (!stop.get()) {
                work.log(LogLevel.LOG_LEVEL_INFO, "line");
              }
            });
    reporter.start();
    try {
      long position = 0;
      for (int i = 0; i < 300; i++) {
        JobWatchRecorder watch = ann.watch(of(work).setAfterSequence(position));
        long from = position;
        if (i % 3 == 0) {
          watch.cancel();
          continue;
        }
        watch.awaitPosition(position + 1);
        watch.cancel();
        List<JournalEntry> seen = List.copyOf(watch.entries());
        assertThat(seen)
            .extracting(JournalEntry::getSequence)
            .isEqualTo(numbers(from + 1, from + seen.size()));
        position = from + seen.size();
      }
    } finally {
      stop.set(true);
      reporter.join();
    }
    awaitWatched(work, false);
    work.complete();
  }
}
