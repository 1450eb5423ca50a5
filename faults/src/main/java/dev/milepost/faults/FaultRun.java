package dev.milepost.faults;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobException;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.client.JobStateException;
import dev.milepost.faults.Ledger.LedgerAttempt;
import dev.milepost.faults.Ledger.LedgerJob;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** One run: creates, works on, cancels and watches jobs while faults are injected. */
final class FaultRun implements AutoCloseable {
  /** All jobs must have finished this long after the last fault. */
  private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);

  /** Short, so that abandoned attempts are retried soon. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  private static final int CLIENTS = 4;
  private static final int LIST_WATCHERS = 3;

  /** One of this many jobs is cancelled. */
  private static final int JOBS_PER_CANCEL = 10;

  private final Size size;
  private final long seed;
  private final Random random;
  private final Engine engine;
  private final String type = "faults";
  private final Ledger ledger = new Ledger();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<ServerNode> servers = new ArrayList<>();
  private final List<JobClient> clients = new ArrayList<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final List<Thread> cancellers = new ArrayList<>();

  /**
   * The size of a run.
   *
   * @param length for how long faults are injected
   */
  record Size(int servers, int workers, int jobs, int watchers, Duration length) {}

  /**
   * The result of a run.
   *
   * @param violations violated guarantees; empty if all held
   */
  record Outcome(String summary, List<String> violations) {}

  FaultRun(Engine engine, Size size, long seed) {
    this.engine = engine;
    this.size = size;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /**
   * Runs it once.
   *
   * @param logs directory for the output of the servers
   */
  Outcome run(Path logs) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    String store = engine.emptyStore();
    for (int i = 0; i < size.servers(); i++) {
      servers.add(new ServerNode(logs.resolve("server-" + i + ".log"), store));
    }
    for (ServerNode server : servers) {
      server.awaitReady();
    }
    List<String> addresses = servers.stream().map(ServerNode::address).toList();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          JobClient.builder(String.join(",", addresses))
              .user(PlainClient.USER)
              .callTimeout(SETTLE_TIMEOUT)
              .build());
    }
    List<ListWatcher> lists = new ArrayList<>();
    for (int i = 0; i < LIST_WATCHERS; i++) {
      lists.add(new ListWatcher("list watcher " + i, clientFor(i), type));
    }
    List<String> all = new ArrayList<>();
    try (PlainClient plain = new PlainClient(addresses, over);
        FaultInjector injector = new FaultInjector(engine, servers)) {
      startWorkers(plain);
      Thread creator = new Thread(this::createJobs, "creator");
      creator.start();
      injector.inject(Fault.plan(random, size.servers(), size.length().toMillis()));
      creator.join();
      awaitCompletion();
      over.set(true);
      for (Thread worker : workers) {
        worker.join();
      }
      check(lists);
      all.addAll(violations);
      all.addAll(plain.unexpectedErrors());
      String summary =
          "seed %d on %s: %s; %s; %.0f s"
              .formatted(
                  seed,
                  engine.title(),
                  counts(),
                  injector.summary(),
                  (System.nanoTime() - begun) / 1e9);
      return new Outcome(summary, all);
    }
  }

  private JobClient clientFor(int number) {
    return clients.get(number % clients.size());
  }

  private void startWorkers(PlainClient plain) {
    // Paced so that the last job finishes about when the last fault is injected.
    long pace = Math.max(1, size.length().toMillis() * size.workers() / size.jobs() / 12);
    for (int i = 0; i < size.workers(); i++) {
      LedgerWorker worker =
          new LedgerWorker(
              "w" + i, type, plain, ledger, new Random(random.nextLong()), pace, over, violations);
      Thread thread = new Thread(worker, "worker-" + i);
      workers.add(thread);
      thread.start();
    }
  }

  /** Creates jobs during most of the run, and watches and cancels some of them. */
  private void createJobs() {
    Random chance = new Random(seed + 1);
    long pauseMillis = size.length().toMillis() * 3 / 4 / size.jobs();
    try {
      for (int i = 0; i < size.jobs(); i++) {
        JobHandle job =
            clientFor(i)
                .create(
                    JobSpec.of(type)
                        .lease(LEASE)
                        .maxRetries(100)
                        .retryBackoff(Duration.ofMillis(100), Duration.ofSeconds(1), 2));
        ledger.of(job.id()).created();
        if (i < size.watchers()) {
          synchronized (watchers) {
            watchers.add(new Watcher("watcher " + i, clientFor(i + 1), job.id()));
          }
        }
        if (chance.nextInt(JOBS_PER_CANCEL) == 0) {
          ledger.of(job.id()).cancelRequested();
          cancelLater(clientFor(i + 2), job.id(), chance.nextLong(2_000));
        }
        TimeUnit.MILLISECONDS.sleep(chance.nextLong(2 * pauseMillis + 1));
      }
    } catch (JobException e) {
      violations.add("a job could not be created: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cancelLater(JobClient client, String jobId, long millis) {
    Thread thread =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(millis);
                client.cancel(jobId, "at random");
              } catch (JobStateException e) {
                // It has already finished.
              } catch (JobException e) {
                violations.add("a job could not be cancelled: " + e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "canceller");
    thread.start();
    synchronized (cancellers) {
      cancellers.add(thread);
    }
  }

  private void awaitCompletion() throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE_TIMEOUT.toNanos();
    List<Thread> cancelling;
    synchronized (cancellers) {
      cancelling = List.copyOf(cancellers);
    }
    for (Thread canceller : cancelling) {
      canceller.join();
    }
    for (LedgerJob recorded : ledger.all()) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      try {
        clients.get(0).attach(recorded.jobId()).await(left);
      } catch (JobException e) {
        violations.add(recorded.jobId() + ": it does not finish: " + e.getMessage());
      }
    }
  }

  private void check(List<ListWatcher> lists) throws InterruptedException {
    JobClient client = clients.get(0);
    Map<String, JobState> states = new HashMap<>();
    for (Job job : client.list(JobFilter.newBuilder().addTypes(type).build())) {
      states.put(job.getId(), job.getStatus().getState());
    }
    Map<String, List<Watcher>> watching;
    synchronized (watchers) {
      watching = watchers.stream().collect(Collectors.groupingBy(Watcher::jobId));
    }
    for (LedgerJob recorded : ledger.all()) {
      if (!states.containsKey(recorded.jobId())) {
        violations.add(recorded.jobId() + ": it is not listed");
        continue;
      }
      Job job = client.get(recorded.jobId());
      List<JournalEntry> journal = new ArrayList<>();
      client.journal(recorded.jobId()).forEach(journal::add);
      violations.addAll(Checker.check(recorded, job, journal));
      for (Watcher watcher : watching.getOrDefault(recorded.jobId(), List.of())) {
        violations.addAll(watcher.check(job.getStatus().getState(), journal, 10_000));
      }
    }
    if (states.size() < size.jobs()) {
      violations.add("there are " + states.size() + " jobs instead of " + size.jobs());
    }
    states.keySet().stream()
        .filter(id -> !ledger.of(id).isCreateAcknowledged())
        .forEach(id -> violations.add(id + ": it exists, but its creation was not acknowledged"));
    for (ListWatcher list : lists) {
      violations.addAll(list.check(states, 10_000));
    }
  }

  private String counts() {
    long attempts = 0;
    long reports = 0;
    long unanswered = 0;
    for (LedgerJob recorded : ledger.all()) {
      for (LedgerAttempt attempt : recorded.attempts()) {
        attempts++;
        for (Ledger.SentReport report : attempt.reports()) {
          if (report.acknowledged()) {
            reports++;
          } else {
            unanswered++;
          }
        }
      }
    }
    synchronized (watchers) {
      return "%,d jobs, %,d attempts, %,d acknowledged reports (%,d others), %,d watches"
          .formatted(ledger.all().size(), attempts, reports, unanswered, watchers.size());
    }
  }

  @Override
  public void close() {
    over.set(true);
    clients.forEach(JobClient::close);
    servers.forEach(ServerNode::close);
  }
}
