package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JournalLevels;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.WatchJobResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watches as cursors: a sink affects its own watch and no other. */
class JobWatchHubTest {
  private static final JobKey KEY = new JobKey("acme", "job-1");
  private static final JobWatchOptions ALL =
      new JobWatchOptions(0, 0, JournalLevels.ALL, false, false, Optional.empty());

  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final JobStore store = new MemoryJobStore(clock, JobDefaults.STANDARD.journalCap());
  private final JobWatchHub hub =
      new JobWatchHub(
          store,
          JobDefaults.STANDARD.journalCap(),
          Duration.ofSeconds(15),
          clock,
          WatchObserver.NONE);

  @AfterEach
  void stop() {
    hub.close();
    store.close();
  }

  private void start() {
    store
        .update(
            Selection.of(KEY),
            found -> {
              JobDecision.Put started =
                  rules.createAndStart(
                      new NewJob(
                          KEY, "ann", "ann", "", "", JobSpec.newBuilder().setType("a").build()),
                      List.of(),
                      new JobCommand.Claim("w", "token"),
                      found.clock());
              return Decision.of(started, true);
            })
        .toCompletableFuture()
        .join();
  }

  private void log(int lines) {
    LogEntry line = LogEntry.newBuilder().setLevel(LogLevel.LOG_LEVEL_INFO).setMessage("x").build();
    for (int i = 0; i < lines; i++) {
      Report report = Report.newBuilder().addLogs(line).build();
      store
          .update(
              Selection.of(KEY),
              found ->
                  Decision.of(
                      rules
                          .decide(
                              found.job(KEY).orElseThrow(),
                              new JobCommand.ReportProgress("token", report, Map.of()),
                              found)
                          .all(),
                      true))
          .toCompletableFuture()
          .join();
    }
  }

  /** A sink that is ready for a given number of messages. */
  private static class Sink implements WatchSink<WatchJobResponse> {
    final List<JournalEntry> entries = new CopyOnWriteArrayList<>();
    final AtomicInteger capacity = new AtomicInteger(Integer.MAX_VALUE);
    final AtomicInteger overruns = new AtomicInteger();
    volatile @Nullable Throwable failure;

    @Override
    public boolean isReady() {
      return capacity.get() > 0;
    }

    @Override
    public void next(WatchJobResponse message) {
      if (capacity.getAndDecrement() <= 0) {
        overruns.incrementAndGet();
      }
      entries.addAll(message.getEntriesList());
    }

    @Override
    public void completed() {}

    @Override
    public void failed(Throwable reason, String position) {
      failure = reason;
    }

    void awaitEntries(int number) {
      await().atMost(Duration.ofSeconds(10)).until(() -> entries.size() >= number);
      assertThat(entries)
          .extracting(JournalEntry::getSequence)
          .doesNotHaveDuplicates()
          .isSorted()
          .hasSize(number);
    }
  }

  @Test
  void sendsNothingToASinkThatIsNotReady() {
    start();
    Sink slow = new Sink();
    slow.capacity.set(1);
    Watch watch = hub.open(KEY, ALL, slow);
    Sink other = new Sink();
    Watch otherWatch = hub.open(KEY, ALL, other);
    log(700);
    other.awaitEntries(702);
    assertThat(slow.overruns).hasValue(0);
    assertThat(slow.entries).isEmpty();
    while (slow.entries.size() < 702) {
      int before = slow.entries.size();
      slow.capacity.set(1);
      watch.ready();
      await().until(() -> slow.capacity.get() <= 0);
      assertThat(slow.entries).hasSizeGreaterThanOrEqualTo(before);
    }
    slow.awaitEntries(702);
    assertThat(slow.overruns).hasValue(0);
    watch.close();
    otherWatch.close();
    await().until(() -> !hub.isWatched(KEY));
  }

  @Test
  void aSinkThatThrowsEndsItsOwnWatchOnly() {
    start();
    Sink broken =
        new Sink() {
          @Override
          public void next(WatchJobResponse message) {
            throw new IllegalStateException("broken");
          }
        };
    Sink before = new Sink();
    Sink after = new Sink();
    hub.open(KEY, ALL, before);
    hub.open(KEY, ALL, broken);
    hub.open(KEY, ALL, after);
    log(10);
    before.awaitEntries(12);
    after.awaitEntries(12);
    await().until(() -> broken.failure != null);
  }

  @Test
  void aSinkThatThrowsLaterEndsItsOwnWatchOnly() {
    start();
    AtomicInteger sent = new AtomicInteger();
    Sink broken =
        new Sink() {
          @Override
          public void next(WatchJobResponse message) {
            // The first message is the job; there is always a second one, with entries.
            if (sent.incrementAndGet() > 1) {
              throw new IllegalStateException("broken");
            }
          }

          @Override
          public void failed(Throwable reason, String position) {
            super.failed(reason, position);
            throw new IllegalStateException("broken again");
          }
        };
    hub.open(KEY, ALL, broken);
    Sink after = new Sink();
    hub.open(KEY, ALL, after);
    log(10);
    after.awaitEntries(12);
    await().until(() -> broken.failure instanceof IllegalStateException);
  }

  @Test
  void closingAWatchDoesNotEndOthers() {
    start();
    List<Sink> sinks = Stream.generate(Sink::new).limit(5).toList();
    List<Watch> watches = sinks.stream().map(sink -> hub.open(KEY, ALL, sink)).toList();
    sinks.forEach(sink -> sink.awaitEntries(2));
    for (int leaving : List.of(1, 4, 0)) {
      watches.get(leaving).close();
    }
    log(10);
    for (int staying : List.of(2, 3)) {
      sinks.get(staying).awaitEntries(12);
      watches.get(staying).close();
    }
    await().until(() -> !hub.isWatched(KEY));
  }

  @Test
  void releasesAClosedWatchThatWasNeverReady() {
    start();
    for (int i = 0; i < 1_000; i++) {
      Sink never = new Sink();
      never.capacity.set(0);
      hub.open(KEY, ALL, never).close();
    }
    await().until(() -> !hub.isWatched(KEY));
  }

  @Test
  void closeFailsEveryWatch() {
    start();
    List<Sink> sinks = new CopyOnWriteArrayList<>();
    Thread opener =
        new Thread(
            () -> {
              for (int i = 0; i < 2_000; i++) {
                Sink sink = new Sink();
                sink.capacity.set(i % 2);
                sinks.add(sink);
                hub.open(KEY, ALL, sink);
              }
            });
    opener.start();
    await().until(() -> sinks.size() > 200);
    hub.close();
    await().until(() -> !opener.isAlive());
    assertThat(sinks).hasSize(2_000);
    // The last watches fail on the hub's threads.
    await()
        .untilAsserted(
            () ->
                assertThat(sinks)
                    .allMatch(sink -> sink.failure instanceof WatchException.Draining));
    await().until(() -> !hub.isWatched(KEY));
  }
}
