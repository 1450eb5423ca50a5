package dev.milepost.faults;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobException;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.client.JobStateException;
import dev.milepost.faults.Ledger.AttemptPage;
import dev.milepost.faults.Ledger.JobPage;
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

/** One run: jobs are created, worked on, cancelled and watched while things go wrong. */
final class FaultRun implements AutoCloseable {
  /** How long after the last fault everything must be done. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A worker that dies is replaced soon. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  private static final int CLIENTS = 4;
  private static final int LIST_WATCHERS = 3;

  /** One job of so many is cancelled. */
  private static final int CANCELLED = 10;

  private final Size size;
  private final long seed;
  private final Random random;
  private final Engine engine;
  private final String type = "faults";
  private final Ledger ledger = new Ledger();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<ServerNode> servers = new ArrayList<>();
  private final List<JobClient> clients = new ArrayList<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final List<Thread> cancellers = new ArrayList<>();

  /**
   * How much of everything.
   *
   * @param length how long things go wrong
   */
  record Size(int servers, int workers, int jobs, int watchers, Duration length) {}

  /**
   * What came of it.
   *
   * @param faults promises that were broken; empty: none
   */
  record Outcome(String summary, List<String> faults) {}

  FaultRun(Engine engine, Size size, long seed) {
    this.engine = engine;
    this.size = size;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /**
   * Runs it.
   *
   * @param logs directory for what the servers say
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
              .callTimeout(PATIENCE)
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
      injector.carryOut(Fault.plan(random, size.servers(), size.length().toMillis()));
      creator.join();
      awaitEnds();
      over.set(true);
      for (Thread worker : workers) {
        worker.join();
      }
      check(lists);
      all.addAll(faults);
      all.addAll(plain.unforeseen());
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
    // So that the last job is done about when the last thing goes wrong.
    long pace = Math.max(1, size.length().toMillis() * size.workers() / size.jobs() / 12);
    for (int i = 0; i < size.workers(); i++) {
      LedgerWorker worker =
          new LedgerWorker(
              "w" + i, type, plain, ledger, new Random(random.nextLong()), pace, over, faults);
      Thread thread = new Thread(worker, "worker-" + i);
      workers.add(thread);
      thread.start();
    }
  }

  /** Creates the jobs over most of the run, and watches and cancels some of them. */
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
        if (chance.nextInt(CANCELLED) == 0) {
          ledger.of(job.id()).cancelAsked();
          cancelLater(clientFor(i + 2), job.id(), chance.nextLong(2_000));
        }
        TimeUnit.MILLISECONDS.sleep(chance.nextLong(2 * pauseMillis + 1));
      }
    } catch (JobException e) {
      faults.add("a job could not be created: " + e);
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
                client.cancel(jobId, "by chance");
              } catch (JobStateException e) {
                // It has ended before.
              } catch (JobException e) {
                faults.add("a job could not be cancelled: " + e);
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

  private void awaitEnds() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<Thread> cancelling;
    synchronized (cancellers) {
      cancelling = List.copyOf(cancellers);
    }
    for (Thread canceller : cancelling) {
      canceller.join();
    }
    for (JobPage page : ledger.all()) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      try {
        clients.get(0).attach(page.jobId()).await(left);
      } catch (JobException e) {
        faults.add(page.jobId() + ": it does not end: " + e.getMessage());
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
    for (JobPage page : ledger.all()) {
      if (!states.containsKey(page.jobId())) {
        faults.add(page.jobId() + ": it is in no list");
        continue;
      }
      Job job = client.get(page.jobId());
      List<JournalEntry> journal = new ArrayList<>();
      client.journal(page.jobId()).forEach(journal::add);
      faults.addAll(Checker.check(page, job, journal));
      for (Watcher watcher : watching.getOrDefault(page.jobId(), List.of())) {
        faults.addAll(watcher.check(job.getStatus().getState(), journal, 10_000));
      }
    }
    if (states.size() < size.jobs()) {
      faults.add(states.size() + " jobs are there, and not " + size.jobs());
    }
    states.keySet().stream()
        .filter(id -> !ledger.of(id).isCreateAcknowledged())
        .forEach(id -> faults.add(id + ": it is there, and nobody has created it"));
    for (ListWatcher list : lists) {
      faults.addAll(list.check(states, 10_000));
    }
  }

  private String counts() {
    long attempts = 0;
    long reports = 0;
    long unanswered = 0;
    for (JobPage page : ledger.all()) {
      for (AttemptPage attempt : page.attempts()) {
        attempts++;
        for (Ledger.Said said : attempt.said()) {
          if (said.acknowledged()) {
            reports++;
          } else {
            unanswered++;
          }
        }
      }
    }
    synchronized (watchers) {
      return "%,d jobs, %,d attempts, %,d reports acknowledged (%,d not), %,d watches"
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
