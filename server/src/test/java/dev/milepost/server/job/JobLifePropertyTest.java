package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Struct;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Invariants of a job under random commands, callers and times. */
class JobLifePropertyTest {
  private static final JobDefaults DEFAULTS =
      new JobDefaults(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(45),
          3,
          50,
          3,
          1 << 20,
          JobRetention.STANDARD);

  @Property(tries = 500)
  void randomCommandsKeepTheInvariants(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int length) {
    Story story = new Story(new Random(seed));
    for (int i = 0; i < length && !story.gone; i++) {
      story.step();
    }
  }

  @Property(tries = 500)
  void ticksAloneBringEveryJobToRest(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 30) int length) {
    Story story = new Story(new Random(seed));
    for (int i = 0; i < length && !story.gone; i++) {
      story.step();
    }
    int ticks = 0;
    while (!story.gone && story.record.hasWakeTime()) {
      Instant due = story.wakeTime();
      story.now = due.isAfter(story.now) ? due : story.now;
      story.settle();
      ticks++;
      assertThat(ticks).as("ticks until nothing is due any more").isLessThan(20);
    }
    if (!story.gone) {
      assertThat(Transitions.isHeld(story.state())).as("a silent worker holds nothing").isFalse();
    }
  }

  /** One job, old and new workers, and a clock that sometimes jumps. */
  private static final class Story {
    private final Random random;
    private final List<String> tokens = new ArrayList<>(List.of("never granted"));
    private final List<JournalEntry> journal = new ArrayList<>();
    private final Map<String, Item> items = new HashMap<>();
    private final JobRules rules;
    private JobRecord record;
    private final Instant servingSince;
    private Instant now = JobLife.START;
    private boolean gone;

    Story(Random random) {
      this.random = random;
      // Finer than the precision of stores, like real clocks.
      this.rules = new JobRules(DEFAULTS);
      this.servingSince = JobLife.START.minusNanos(random.nextInt(2_000_000_000));
      NewJob job = JobLife.newJob(spec());
      this.record =
          JobRecord.newBuilder().setJob(dev.milepost.v1.Job.newBuilder().setId("none")).build();
      take(rules.create(job, report().getItemsList(), clock()), null);
    }

    private ClockReading clock() {
      return new ClockReading(now, 1, 0, 0, 0, servingSince);
    }

    JobState state() {
      return record.getJob().getStatus().getState();
    }

    Instant wakeTime() {
      return Times.instant(record.getWakeTime());
    }

    void step() {
      now = now.plusNanos(leap());
      JobCommand command = command();
      JobDecision decision;
      try {
        decision = rules.decideAlone(record, command, clock());
      } catch (Refusal refusal) {
        assertThat(command).as("a tick is never refused").isNotInstanceOf(JobCommand.Tick.class);
        return;
      }
      boolean stale =
          command instanceof JobCommand.OfAttempt ofAttempt
              && (!ofAttempt.attemptToken().equals(record.getAttemptToken())
                  || !now.isBefore(rules.timers().leaseEnd(record, clock())));
      if (stale) {
        assertThat(decision).as("an ended attempt writes nothing").isInstanceOf(keep());
      }
      take(decision, command);
    }

    /** Ticks until nothing is due: at most three changes follow from one moment. */
    void settle() {
      for (int i = 0; i < 3; i++) {
        take(rules.decideAlone(record, new JobCommand.Tick(), clock()), new JobCommand.Tick());
        if (gone || !record.hasWakeTime() || wakeTime().isAfter(now)) {
          return;
        }
      }
      throw new AssertionError("still due after three ticks at " + now + ": " + record);
    }

    private static Class<JobDecision.Keep> keep() {
      return JobDecision.Keep.class;
    }

    private void take(JobDecision decision, @Nullable JobCommand command) {
      if (decision instanceof JobDecision.Keep keep) {
        assertThat(keep.record()).isEqualTo(record);
        return;
      }
      if (decision instanceof JobDecision.Remove) {
        assertThat(Transitions.isHeld(state())).as("a held job is never removed").isFalse();
        gone = true;
        return;
      }
      JobDecision.Put put = (JobDecision.Put) decision;
      JobRecord before = record;
      record = put.record();
      journal.addAll(put.entries());
      put.items().forEach(item -> items.put(item.getId(), item));
      if (command != null) {
        assertThat(Transitions.targets(before.getJob().getStatus().getState(), command.kind()))
            .contains(state());
      }
      check(before, command);
    }

    private void check(JobRecord before, @Nullable JobCommand command) {
      JobStatus status = record.getJob().getStatus();
      assertThat(record.getRevision()).isEqualTo(before.getRevision() + 1);
      checkJournal(status);
      assertThat(status.getItemCounts()).isEqualTo(recount(items.values()));
      checkBytes(before);
      checkAttempts(status);
      checkTimes(status);
      checkWakeTime(status);
      boolean held = Transitions.isHeld(status.getState());
      assertThat(record.getAttemptToken().isEmpty()).isEqualTo(!held);
      assertThat(status.hasLeaseExpireTime()).isEqualTo(held);
      assertThat(status.hasEndTime()).isEqualTo(Transitions.isFinished(status.getState()));
      assertThat(status.getHealth() == JobHealth.JOB_HEALTH_NOT_RUNNING)
          .isEqualTo(status.getState() != JobState.JOB_STATE_RUNNING);
      assertThat(status.getRetryCount()).isBetween(0, record.getJob().getSpec().getMaxRetries());
      if (command != null && command.kind() != CommandKind.UPDATE) {
        assertThat(record.getJob().getSpec()).isEqualTo(before.getJob().getSpec());
        assertThat(record.getJob().getEtag()).isEqualTo(before.getJob().getEtag());
      }
    }

    private void checkJournal(JobStatus status) {
      for (int i = 0; i < journal.size(); i++) {
        assertThat(journal.get(i).getSequence()).isEqualTo(i + 1);
      }
      assertThat(status.getJournalSequence()).isEqualTo(journal.size());
      assertThat(status.getLogCounts()).isEqualTo(recount(journal, DEFAULTS.journalCap()));
      JobState last = JobState.JOB_STATE_UNSPECIFIED;
      for (JournalEntry entry : journal) {
        if (entry.hasStateChange()) {
          assertThat(entry.getStateChange().getFromState()).isEqualTo(last);
          last = entry.getStateChange().getToState();
        }
      }
      assertThat(status.getState()).as("the journal has every change of state").isEqualTo(last);
    }

    /** Compares the sizes with those of everything that is kept. */
    private void checkBytes(JobRecord before) {
      assertThat(record.getItemBytes())
          .isEqualTo(items.values().stream().mapToLong(Item::getSerializedSize).sum());
      Map<Integer, List<JournalEntry>> kinds =
          journal.stream().collect(Collectors.groupingBy(JournalCap::kind));
      kinds.forEach(
          (kind, entries) -> {
            long all = entries.stream().mapToLong(JournalEntry::getSerializedSize).sum();
            if (entries.size() <= DEFAULTS.journalCap()) {
              assertThat(record.getJournalBytes(kind)).isEqualTo(all);
            } else {
              assertThat(record.getJournalBytes(kind)).isBetween(1L, all - 1);
            }
          });
      long size = StoredBytes.of(record);
      if (before.getJob().getStatus().getState() != state()) {
        assertThat(record.getChargedBytes()).isCloseTo(size, within(4L));
      } else {
        assertThat(record.getChargedBytes()).isCloseTo(size, within((long) StoredBytes.TOLERANCE));
      }
    }

    private static void checkAttempts(JobStatus status) {
      List<Attempt> attempts = status.getAttemptsList();
      assertThat(attempts.size()).isEqualTo(Math.min(10, status.getAttempt()));
      for (int i = 0; i < attempts.size(); i++) {
        boolean last = i == attempts.size() - 1;
        assertThat(attempts.get(i).getNumber())
            .isEqualTo(status.getAttempt() - attempts.size() + 1 + i);
        assertThat(attempts.get(i).hasEndTime())
            .isEqualTo(!last || !Transitions.isHeld(status.getState()));
      }
    }

    private static void checkTimes(JobStatus status) {
      List.of(
              status.getUpdateTime(),
              status.getQueueTime(),
              status.getClaimableTime(),
              status.getLeaseExpireTime(),
              status.getCancel().getGraceExpireTime())
          .forEach(time -> assertThat(Times.timestamp(Times.instant(time))).isEqualTo(time));
      if (status.hasDuration()) {
        assertThat(Times.duration(status.getDuration()))
            .isEqualTo(
                Duration.between(
                    Times.instant(status.getStartTime()), Times.instant(status.getEndTime())));
      }
    }

    /** Compares with the due times computed again from the design. */
    private void checkWakeTime(JobStatus status) {
      List<Instant> due = new ArrayList<>();
      JobSpec spec = record.getJob().getSpec();
      JobTimeouts timeouts = spec.getTimeouts();
      Instant life = Times.instant(record.getLifeStartTime());
      boolean held = Transitions.isHeld(status.getState());
      if (held) {
        due.add(rules.timers().leaseEnd(record, clock()));
      } else if (spec.hasExpireTime()) {
        due.add(Times.instant(spec.getExpireTime()));
      } else if (Transitions.isFinished(status.getState())) {
        boolean failed = status.getState() == JobState.JOB_STATE_FAILED;
        due.add(Times.instant(status.getEndTime()).plus(Duration.ofDays(failed ? 90 : 30)));
      }
      if (status.getState() == JobState.JOB_STATE_QUEUED && status.hasClaimableTime()) {
        due.add(Times.instant(status.getClaimableTime()));
      }
      if (status.getState() == JobState.JOB_STATE_CANCELLING) {
        due.add(rules.timers().graceEnd(record, clock()));
      }
      if (status.getState() == JobState.JOB_STATE_RUNNING && timeouts.hasAttempt()) {
        Attempt last = status.getAttempts(status.getAttemptsCount() - 1);
        due.add(Times.instant(last.getStartTime()).plus(Times.duration(timeouts.getAttempt())));
      }
      if (timeouts.hasTotal()
          && !Transitions.isFinished(status.getState())
          && status.getState() != JobState.JOB_STATE_CANCELLING) {
        due.add(life.plus(Times.duration(timeouts.getTotal())));
      }
      due.forEach(
          time -> {
            assertThat(record.hasWakeTime()).isTrue();
            assertThat(wakeTime()).isBeforeOrEqualTo(time);
          });
    }

    // Random commands.

    private long leap() {
      return switch (random.nextInt(8)) {
        case 0, 1 -> 0;
        case 2, 3, 4 -> random.nextInt(1_000_000_000);
        case 5, 6 -> random.nextLong(20_000_000_000L);
        default -> random.nextLong(200_000_000_000L);
      };
    }

    private JobCommand command() {
      Struct result = random.nextBoolean() ? Struct.getDefaultInstance() : struct();
      return switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> {
          tokens.add("token-" + tokens.size());
          yield new JobCommand.Claim("worker", tokens.get(tokens.size() - 1));
        }
        case 4, 5, 6, 7, 8 -> new JobCommand.ReportProgress(token(), report(), items);
        case 9 -> new JobCommand.Heartbeat(token());
        case 10 -> new JobCommand.Complete(token(), report(), items, result);
        case 11 -> new JobCommand.Fail(token(), report(), items, error());
        case 12 -> new JobCommand.ConfirmCancel(token(), report(), items);
        case 13 -> new JobCommand.Release(token(), report(), items, "why not");
        case 14 ->
            new JobCommand.Cancel(
                "bob", "", random.nextBoolean() ? null : Duration.ofSeconds(random.nextInt(40)));
        case 15 -> new JobCommand.Retry("bob");
        case 16 -> random.nextInt(5) == 0 ? new JobCommand.Delete("") : new JobCommand.Tick();
        case 17 -> update();
        default -> new JobCommand.Tick();
      };
    }

    /** Mostly the token of the latest attempt, sometimes that of an older one or none at all. */
    private String token() {
      return random.nextInt(5) == 0
          ? tokens.get(random.nextInt(tokens.size()))
          : tokens.get(tokens.size() - 1);
    }

    private Report report() {
      Report.Builder report = Report.newBuilder().setReportSeq(reportSeq());
      if (random.nextBoolean()) {
        report.setProgress(JobLife.progress(random.nextInt(10), 10).getProgress());
      }
      if (random.nextInt(3) == 0) {
        report.setStage(Stage.newBuilder().setName("stage " + random.nextInt(3)));
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        report.addLogs(line());
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        report.addItems(
            Item.newBuilder()
                .setId("item-" + random.nextInt(6))
                .setState(ItemState.forNumber(random.nextInt(6))));
      }
      if (random.nextInt(4) == 0) {
        report.setCheckpoint(struct());
      }
      return report.build();
    }

    private long reportSeq() {
      long next = record.getReportSeq() + 1;
      return random.nextInt(3) == 0 ? 0 : Math.max(0, next + random.nextInt(3) - 1);
    }

    private LogEntry line() {
      return JobLife.line(LogLevel.forNumber(1 + random.nextInt(5)), "line");
    }

    private JobError error() {
      return random.nextInt(3) == 0 ? JobLife.BROKEN : JobLife.FLAKY;
    }

    private Struct struct() {
      return JobLife.struct("key", "value " + random.nextInt(3));
    }

    private JobCommand update() {
      JobSpec.Builder spec = JobSpec.newBuilder().setPriority(random.nextInt(101));
      if (random.nextBoolean()) {
        spec.setExpireTime(fine(now.plusNanos(random.nextLong(300_000_000_000L))));
      }
      return new JobCommand.Update(
          spec.build(),
          FieldMask.newBuilder().addPaths("priority").addPaths("expire_time").build(),
          "");
    }

    private JobSpec.Builder spec() {
      JobSpec.Builder spec = JobLife.spec().setMaxRetries(random.nextInt(4));
      JobTimeouts.Builder timeouts = spec.getTimeoutsBuilder();
      if (random.nextInt(3) == 0) {
        timeouts.setQueue(timeout());
      }
      if (random.nextInt(3) == 0) {
        timeouts.setAttempt(timeout());
      }
      if (random.nextInt(3) == 0) {
        timeouts.setTotal(timeout());
      }
      if (random.nextInt(3) == 0) {
        timeouts.setLease(timeout());
      }
      if (random.nextInt(4) == 0) {
        spec.setNotBeforeTime(fine(now.plusNanos(random.nextLong(100_000_000_000L))));
      }
      if (random.nextInt(4) == 0) {
        spec.setExpireTime(fine(now.plusNanos(random.nextLong(300_000_000_000L))));
      }
      return spec;
    }

    private com.google.protobuf.Duration timeout() {
      return Times.duration(Duration.ofSeconds(1).plusNanos(random.nextLong(100_000_000_000L)));
    }

    private static com.google.protobuf.Timestamp fine(Instant time) {
      return com.google.protobuf.Timestamp.newBuilder()
          .setSeconds(time.getEpochSecond())
          .setNanos(time.getNano())
          .build();
    }
  }

  private static ItemCounts recount(Iterable<Item> items) {
    Map<ItemState, Long> counts = new HashMap<>();
    items.forEach(item -> counts.merge(item.getState(), 1L, Long::sum));
    return ItemCounts.newBuilder()
        .setPending(counts.getOrDefault(ItemState.ITEM_STATE_PENDING, 0L))
        .setRunning(counts.getOrDefault(ItemState.ITEM_STATE_RUNNING, 0L))
        .setDone(counts.getOrDefault(ItemState.ITEM_STATE_DONE, 0L))
        .setFailed(counts.getOrDefault(ItemState.ITEM_STATE_FAILED, 0L))
        .setSkipped(counts.getOrDefault(ItemState.ITEM_STATE_SKIPPED, 0L))
        .build();
  }

  private static LogCounts recount(List<JournalEntry> journal, int cap) {
    Map<String, Long> counts = new HashMap<>();
    journal.forEach(entry -> counts.merge(kind(entry), 1L, Long::sum));
    long dropped = counts.values().stream().mapToLong(n -> Math.max(0, n - cap)).sum();
    assertThat(counts.keySet())
        .isSubsetOf(Set.of("DEBUG", "INFO", "MILESTONE", "WARNING", "ERROR", "stage", "state"));
    return LogCounts.newBuilder()
        .setDebug(counts.getOrDefault("DEBUG", 0L))
        .setInfo(counts.getOrDefault("INFO", 0L))
        .setMilestone(counts.getOrDefault("MILESTONE", 0L))
        .setWarning(counts.getOrDefault("WARNING", 0L))
        .setError(counts.getOrDefault("ERROR", 0L))
        .setStageChanges(counts.getOrDefault("stage", 0L))
        .setStateChanges(counts.getOrDefault("state", 0L))
        .setDropped(dropped)
        .build();
  }

  private static String kind(JournalEntry entry) {
    if (entry.hasLog()) {
      return entry.getLog().getLevel().name().replace("LOG_LEVEL_", "");
    }
    return entry.hasStageChange() ? "stage" : "state";
  }
}
