package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that are read once for all who watch them. */
class ValueWatchHubTest {
  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final JobStore store = new MemoryJobStore(clock, JobDefaults.STANDARD.journalCap());
  private final Reads reads = new Reads();
  private final Opened opened = new Opened();
  private final ValueWatchHub<String, Version> hub =
      new ValueWatchHub<>("test", store, reads, Duration.ofMinutes(1), clock, opened);

  @AfterEach
  void stop() {
    hub.close();
    store.close();
  }

  /** A value: how often it has been read. */
  private record Version(long version) implements ValueWatchHub.Versioned {}

  /** Counts the reads of each tenant's value; a tenant may be held back, or fail. */
  private static final class Reads implements ValueWatchHub.Source<String, Version> {
    final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    final List<Runnable> held = new CopyOnWriteArrayList<>();
    volatile boolean isSlow;
    volatile boolean isBroken;

    @Override
    public CompletionStage<Version> read(String tenant, @Nullable Version before) {
      counts.computeIfAbsent(tenant, unused -> new AtomicInteger()).incrementAndGet();
      if (isBroken) {
        throw new IllegalStateException("broken");
      }
      CompletableFuture<Version> read = new CompletableFuture<>();
      Version next = new Version(before == null ? 1 : before.version + 1);
      if (isSlow) {
        held.add(() -> read.complete(next));
      } else {
        read.complete(next);
      }
      return read;
    }

    @Override
    public List<String> concerned(Change change) {
      return List.of(change.key().tenantId());
    }

    int of(String tenant) {
      AtomicInteger count = counts.get(tenant);
      return count == null ? 0 : count.get();
    }

    int all() {
      return counts.values().stream().mapToInt(AtomicInteger::get).sum();
    }
  }

  private static final class Opened implements WatchObserver {
    final AtomicInteger count = new AtomicInteger();

    @Override
    public void opened() {
      count.incrementAndGet();
    }

    @Override
    public void closed() {
      count.decrementAndGet();
    }

    @Override
    public void delivered(long nanos) {}

    @Override
    public void scanned(int behind, long maxEntries) {}
  }

  private static final class Messages implements ValueWatchHub.Messages<Version, String> {
    @Override
    public Optional<String> since(Version value, long sent) {
      return Optional.of(sent + " to " + value.version);
    }

    @Override
    public String bookmark() {
      return "";
    }
  }

  private static final class Sink implements WatchSink<String> {
    final List<String> messages = new CopyOnWriteArrayList<>();
    volatile boolean isReady = true;
    volatile @Nullable Throwable failure;

    @Override
    public boolean isReady() {
      return isReady;
    }

    @Override
    public void next(String message) {
      messages.add(message);
    }

    @Override
    public void completed() {}

    @Override
    public void failed(Throwable reason, String position) {
      failure = reason;
    }

    void awaitMessages(int number) {
      await().atMost(Duration.ofSeconds(20)).until(() -> messages.size() >= number);
    }
  }

  private static void awaitMessages(List<Sink> sinks, int number) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> sinks.stream().allMatch(sink -> sink.messages.size() >= number));
  }

  private Watch open(String tenant, Sink sink) {
    return hub.open(tenant, new Messages(), sink);
  }

  private void createJob(String tenant, String id) {
    JobKey key = new JobKey(tenant, id);
    JobSpec spec = JobSpec.newBuilder().setType("a").build();
    store
        .update(
            Selection.of(key),
            found ->
                Decision.of(
                    rules.createAndStart(
                        new NewJob(key, "ann", "ann", "", "", spec),
                        List.of(),
                        new JobCommand.Claim("w", "token"),
                        found.clock()),
                    true))
        .toCompletableFuture()
        .join();
  }

  @Test
  void aThousandWatchesShareEachRead() {
    List<Sink> sinks = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      sinks.add(new Sink());
      open("acme", sinks.get(i));
    }
    awaitMessages(sinks, 1);
    assertThat(reads.of("acme")).isEqualTo(1);

    for (int i = 0; i < 100; i++) {
      createJob("acme", "job-" + i);
    }
    awaitMessages(sinks, 2);

    assertThat(sinks).allSatisfy(sink -> assertThat(sink.messages).startsWith("0 to 1", "1 to 2"));
    assertThat(reads.of("acme")).isBetween(2, 3);
    assertThat(opened.count.get()).isEqualTo(1_000);
  }

  @Test
  void aValueIsReadAtMostOnceASecond() {
    Sink sink = new Sink();
    open("acme", sink);
    Instant begin = Instant.now();
    for (int i = 0; sink.messages.size() < 3; i++) {
      createJob("acme", "job-" + i);
    }
    assertThat(Duration.between(begin, Instant.now())).isGreaterThan(Duration.ofMillis(1_900));
  }

  @Test
  void whatNobodyWatchesIsNotRead() {
    createJob("acme", "before");
    Sink sink = new Sink();
    Watch watch = open("acme", sink);
    sink.awaitMessages(1);
    watch.close();
    await().until(() -> opened.count.get() == 0);
    int before = reads.all();
    createJob("acme", "after");

    // Another value is read for a change after that one, so that it would have been read by now.
    Sink other = new Sink();
    open("other", other);
    other.awaitMessages(1);
    createJob("other", "job");
    other.awaitMessages(2);

    assertThat(reads.of("acme")).isEqualTo(before);
  }

  @Test
  void aChangeElsewhereConcernsNobody() {
    Sink acme = new Sink();
    Sink other = new Sink();
    open("acme", acme);
    open("other", other);
    acme.awaitMessages(1);
    other.awaitMessages(1);
    createJob("other", "job");
    other.awaitMessages(2);
    assertThat(acme.messages).containsExactly("0 to 1");
  }

  @Test
  void aSlowWatchSendsTheNewestAlone() {
    Sink slow = new Sink();
    Sink fast = new Sink();
    Watch watch = open("acme", slow);
    open("acme", fast);
    slow.awaitMessages(1);
    slow.isReady = false;
    for (int messages = 2; messages <= 3; messages++) {
      createJob("acme", "job-" + messages);
      fast.awaitMessages(messages);
    }
    assertThat(slow.messages).hasSize(1);

    slow.isReady = true;
    watch.ready();
    slow.awaitMessages(2);
    assertThat(slow.messages.get(1)).startsWith("1 to ");
    assertThat(slow.messages.get(1)).isNotEqualTo("1 to 2");
  }

  @Test
  void fewValuesAreReadAtOnce() {
    reads.isSlow = true;
    List<Sink> sinks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sinks.add(new Sink());
      open("tenant-" + i, sinks.get(i));
    }
    await().until(() -> reads.held.size() == 2);
    assertThat(reads.all()).isEqualTo(2);

    reads.isSlow = false;
    reads.held.forEach(Runnable::run);
    awaitMessages(sinks, 1);
    assertThat(reads.all()).isEqualTo(20);
  }

  @Test
  void aReadThatFailsEndsTheWatchesOfItsValue() {
    Sink healthy = new Sink();
    open("other", healthy);
    healthy.awaitMessages(1);
    reads.isBroken = true;
    Sink sink = new Sink();
    open("acme", sink);
    await().until(() -> sink.failure != null);
    assertThat(sink.failure).hasMessage("broken");
    assertThat(healthy.failure).isNull();

    reads.isBroken = false;
    Sink again = new Sink();
    open("acme", again);
    again.awaitMessages(1);
    assertThat(again.messages).containsExactly("0 to 1");
  }

  @Test
  void aHubThatClosesEndsItsWatches() {
    Sink sink = new Sink();
    open("acme", sink);
    sink.awaitMessages(1);
    hub.close();
    assertThat(sink.failure).isInstanceOf(WatchException.Draining.class);
    Sink late = new Sink();
    open("acme", late);
    await().until(() -> late.failure instanceof WatchException.Draining);
  }
}
