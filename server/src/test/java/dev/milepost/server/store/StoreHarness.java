package dev.milepost.server.store;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A store, its clock, and the real rules of the life cycle to make records with. */
public final class StoreHarness {
  /** Journal entries kept of each kind: few, so that tests exceed the cap. */
  public static final int CAP = 20;

  public static final String TENANT = "acme";

  private final SettableClock clock;
  private final JobRules rules;
  private JobStore store;

  public StoreHarness(JobStore store, SettableClock clock) {
    this.store = store;
    this.clock = clock;
    JobDefaults standard = JobDefaults.STANDARD;
    JobDefaults defaults =
        new JobDefaults(
            standard.lease(),
            standard.cancelGrace(),
            standard.stallAfter(),
            3,
            50,
            CAP,
            standard.logBytes(),
            standard.retention());
    this.rules = new JobRules(defaults);
  }

  public JobStore store() {
    return store;
  }

  /** Continues with another store that has the same content. */
  public void use(JobStore reopened) {
    store = reopened;
  }

  public SettableClock clock() {
    return clock;
  }

  public JobRules rules() {
    return rules;
  }

  /** Waits for a stage, and throws what it failed with. */
  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  public static <T> List<T> awaitAll(List<CompletionStage<T>> stages) {
    return stages.stream().map(StoreHarness::await).toList();
  }

  public static JobKey key(String id) {
    return new JobKey(TENANT, id);
  }

  public static JobSpec.Builder spec() {
    return JobSpec.newBuilder().setType("sync").setScope(JobScope.JOB_SCOPE_ITEM_SET);
  }

  /** Returns a spec whose params have about this many bytes. */
  public static JobSpec.Builder spec(int bytes) {
    Value text = Value.newBuilder().setStringValue("x".repeat(bytes)).build();
    return spec().setParams(Struct.newBuilder().putFields("text", text));
  }

  public static NewJob job(String id, JobSpec.Builder spec) {
    return new NewJob(key(id), "ann", "ann", "", "", spec.build());
  }

  public static Report report(long seq, LogLevel level, String... lines) {
    Report.Builder report = Report.newBuilder().setReportSeq(seq);
    for (String line : lines) {
      report.addLogs(LogEntry.newBuilder().setLevel(level).setMessage(line));
    }
    return report.build();
  }

  public static Report report(long seq) {
    return report(seq, LogLevel.LOG_LEVEL_INFO, "line " + seq);
  }

  public JobRecord create(String id) {
    return create(id, spec());
  }

  public JobRecord create(String id, JobSpec.Builder spec) {
    return await(createLater(job(id, spec), List.of()));
  }

  public CompletionStage<JobRecord> createLater(NewJob job, List<Item> items) {
    return store.update(
        Selection.of(job.key()),
        found -> {
          if (!found.jobs().isEmpty()) {
            throw new Refusal.JobAlreadyExists(job.key().jobId());
          }
          JobDecision.Put put = rules.create(job, items, found.clock());
          return Decision.of(put, put.record());
        });
  }

  /** Creates a job once for a request; repetitions return the first job. */
  public CompletionStage<JobRecord> createOnce(NewJob job, RequestKey request, Duration kept) {
    return store.update(
        Selection.of(job.key(), Optional.of(request)),
        found -> {
          if (found.request().isPresent()) {
            String known = found.request().get().getJobIds(0);
            return Decision.nothing(found.job(key(known)).orElseThrow());
          }
          JobDecision.Put put = rules.create(job, List.of(), found.clock());
          RequestRecord record =
              RequestRecord.newBuilder()
                  .addJobIds(job.key().jobId())
                  .setExpireTime(Times.timestamp(found.now().plus(kept)))
                  .build();
          return new Decision<>(List.of(put), Optional.of(record), put.record());
        });
  }

  public JobRecord apply(String id, JobCommand command) {
    return await(applyLater(id, command));
  }

  /** Applies a command. Returns the job after it, or its last state if it was removed. */
  public CompletionStage<JobRecord> applyLater(String id, JobCommand command) {
    return applyLater(id, Set.of(), items -> command);
  }

  public CompletionStage<JobRecord> reportLater(String id, String token, Report report) {
    Set<String> items = report.getItemsList().stream().map(Item::getId).collect(Collectors.toSet());
    return applyLater(id, items, known -> new JobCommand.ReportProgress(token, report, known));
  }

  private CompletionStage<JobRecord> applyLater(
      String id, Set<String> items, Function<Map<String, Item>, JobCommand> command) {
    return store.update(
        Selection.of(key(id), items),
        found -> {
          JobRecord current = found.job(key(id)).orElseThrow(() -> new Refusal.JobNotFound(id));
          JobDecisions decided = rules.decide(current, command.apply(found.items()), found);
          return Decision.of(decided.all(), decided.firstOr(current));
        });
  }

  public static ClaimQuery anything(int limit) {
    return new ClaimQuery(TENANT, Set.of(), Set.of(), 0, 100, limit);
  }

  public List<JobRecord> claim(ClaimQuery query) {
    return await(claimLater(query));
  }

  /** Claims jobs; the token of each attempt is the job's id and the number of the attempt. */
  public CompletionStage<List<JobRecord>> claimLater(ClaimQuery query) {
    return store.update(
        new Selection.Claimable(query, Optional.empty()),
        found -> {
          JobDecisions claims =
              rules.decide(
                  found.jobs(), job -> new JobCommand.Claim("worker", nextToken(job)), found);
          List<JobRecord> claimed =
              claims.own().stream().map(claim -> ((JobDecision.Put) claim).record()).toList();
          return Decision.of(claims.all(), claimed);
        });
  }

  private static String nextToken(JobRecord job) {
    return token(job.getJob().getId(), job.getJob().getStatus().getAttempt() + 1);
  }

  public static String token(String id, int attempt) {
    return id + "#" + attempt;
  }

  /** Creates a job and starts its first attempt. */
  public JobRecord running(String id) {
    create(id);
    return apply(id, new JobCommand.Claim("worker", token(id, 1)));
  }

  public Optional<JobRecord> get(String id) {
    return await(store.get(List.of(key(id)))).jobs().stream().findFirst();
  }

  /** Returns the size of the matching jobs, as the store has counted it. */
  public long storedBytes(JobFilter filter) {
    return await(store.count(new CountQuery(filter, Set.of()))).get(0).getStoredBytes();
  }

  /** Returns the kept entries of a journal, read in pages of this size. */
  public List<JournalEntry> journal(JobKey key, int limit) {
    List<JournalEntry> entries = new ArrayList<>();
    long after = 0;
    while (true) {
      JournalPage page = await(store.journal(new JournalQuery(key, after, limit)));
      entries.addAll(page.entries());
      if (page.isLast()) {
        return entries;
      }
      after = page.through();
    }
  }

  /** Returns the kept entries of a journal, newest first, read in pages of this size. */
  public List<JournalEntry> journalBackward(JobKey key, int limit) {
    List<JournalEntry> entries = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      JournalPage page = await(store.journal(new JournalQuery(key, before, limit, true)));
      entries.addAll(page.entries());
      if (page.isLast()) {
        return entries;
      }
      before = page.through();
    }
  }

  public List<JournalEntry> journal(String id) {
    return journal(key(id), 1_000);
  }

  /** Returns all matching jobs, read in pages of this size. */
  public List<JobRecord> list(JobFilter filter, boolean newestFirst, int limit) {
    List<JobRecord> jobs = new ArrayList<>();
    Optional<String> after = Optional.empty();
    do {
      JobPage page = await(store.list(new JobQuery(filter, newestFirst, after, limit)));
      jobs.addAll(page.jobs());
      after = page.next();
    } while (after.isPresent());
    return jobs;
  }

  public static List<String> ids(List<JobRecord> jobs) {
    return jobs.stream().map(job -> job.getJob().getId()).toList();
  }

  public static List<String> numbered(String prefix, int from, int until) {
    return IntStream.range(from, until).mapToObj(i -> prefix + i).toList();
  }
}
