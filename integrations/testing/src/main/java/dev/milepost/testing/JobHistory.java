package dev.milepost.testing;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobParams;
import dev.milepost.client.LogLine;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job and its journal as they were when {@link TestServer#history} read them: values to compare,
 * and assertions that show the whole history if they fail. Immutable.
 */
public final class JobHistory {
  private final Job job;
  private final List<JournalEntry> entries;

  private JobHistory(Job job, List<JournalEntry> entries) {
    this.job = job;
    this.entries = entries;
  }

  static JobHistory read(JobClient client, String jobId) {
    List<JournalEntry> entries = new ArrayList<>();
    client.journal(jobId).forEach(entries::add);
    return new JobHistory(client.get(jobId), List.copyOf(entries));
  }

  static boolean isFinal(JobState state) {
    return state == JobState.JOB_STATE_SUCCEEDED
        || state == JobState.JOB_STATE_FAILED
        || state == JobState.JOB_STATE_CANCELLED;
  }

  /** Returns the job. */
  public Job job() {
    return job;
  }

  /** Returns the job's state. */
  public JobState state() {
    return job.getStatus().getState();
  }

  /** Returns the journal, oldest entry first. */
  public List<JournalEntry> entries() {
    return entries;
  }

  /** Returns the states that the job has been in, in order. */
  public List<JobState> states() {
    return entries.stream()
        .filter(JournalEntry::hasStateChange)
        .map(entry -> entry.getStateChange().getToState())
        .toList();
  }

  /** Returns the names of the stages that the job has entered, in order. */
  public List<String> stages() {
    return entries.stream()
        .filter(JournalEntry::hasStageChange)
        .map(entry -> entry.getStageChange().getStage().getName())
        .toList();
  }

  /** Returns the log lines of all attempts, in order. */
  public List<LogLine> lines() {
    return entries.stream().flatMap(entry -> LogLine.of(entry).stream()).toList();
  }

  /** Returns the number of attempts so far. */
  public int attempts() {
    return job.getStatus().getAttempt();
  }

  /** Returns the counters of the outcome, by name. */
  public Map<String, Long> outcome() {
    return Map.copyOf(job.getStatus().getOutcomeMap());
  }

  /** Returns the result; empty if the job has none. */
  public Map<String, @Nullable Object> result() {
    return JobParams.of(job.getStatus().getResult());
  }

  /** Asserts that the job has succeeded. */
  public JobHistory assertSucceeded() {
    return assertState(JobState.JOB_STATE_SUCCEEDED);
  }

  /** Asserts that the job was cancelled. */
  public JobHistory assertCancelled() {
    return assertState(JobState.JOB_STATE_CANCELLED);
  }

  /**
   * Asserts that the job has failed.
   *
   * @param code code of its error
   */
  public JobHistory assertFailed(String code) {
    JobError error = job.getStatus().getError();
    return assertState(JobState.JOB_STATE_FAILED).check("error code", code, error.getCode());
  }

  /** Asserts the job's state. */
  public JobHistory assertState(JobState expected) {
    return check("state", expected, state());
  }

  /** Asserts all states that the job has been in, in order, such as QUEUED, RUNNING, SUCCEEDED. */
  public JobHistory assertStates(JobState... expected) {
    return check("states", Arrays.asList(expected), states());
  }

  /** Asserts all stages that the job has entered, in order. */
  public JobHistory assertStages(String... expected) {
    return check("stages", Arrays.asList(expected), stages());
  }

  /** Asserts the number of attempts. */
  public JobHistory assertAttempts(int expected) {
    return check("attempts", expected, attempts());
  }

  /** Asserts that there is a line of this level whose message contains a text. */
  public JobHistory assertLogged(LogLevel level, String text) {
    boolean found =
        lines().stream().anyMatch(line -> line.level() == level && line.message().contains(text));
    return found
        ? this
        : fail("has no %s line with \"%s\"".formatted(Protos.shortName(level, "LOG_LEVEL_"), text));
  }

  /** Asserts that no line has this level or a higher one. */
  public JobHistory assertNothingLogged(LogLevel minLevel) {
    List<LogLine> found =
        lines().stream().filter(line -> line.level().compareTo(minLevel) >= 0).toList();
    return found.isEmpty() ? this : fail("has logged " + found);
  }

  /** Asserts the value of a counter of the outcome; a counter never counted is 0. */
  public JobHistory assertOutcome(String name, long expected) {
    return check("outcome " + name, expected, job.getStatus().getOutcomeOrDefault(name, 0));
  }

  /**
   * Asserts a value of the result.
   *
   * @param expected as {@link #result} has it: whole numbers are {@link Long}
   */
  public JobHistory assertResult(String name, @Nullable Object expected) {
    return check("result " + name, expected, result().get(name));
  }

  private JobHistory check(String what, @Nullable Object expected, @Nullable Object actual) {
    return Objects.equals(expected, actual)
        ? this
        : fail("has %s %s, expected %s".formatted(what, actual, expected));
  }

  private JobHistory fail(String what) {
    throw new AssertionError("Job %s %s.%n%s".formatted(job.getId(), what, this));
  }

  /** Returns the history for people: a line for each entry of the journal. */
  @Override
  public String toString() {
    return entries.stream()
        .map(JobHistory::describe)
        .collect(
            Collectors.joining(
                System.lineSeparator(),
                "History of job %s, now %s:%n"
                    .formatted(job.getId(), Protos.shortName(state(), "JOB_STATE_")),
                ""));
  }

  private static String describe(JournalEntry entry) {
    String what =
        switch (entry.getEntryCase()) {
          case STATE_CHANGE -> {
            JobError error = entry.getStateChange().getError();
            String state = Protos.shortName(entry.getStateChange().getToState(), "JOB_STATE_");
            yield error.getCode().isEmpty()
                ? state
                : state + ": " + error.getCode() + ": " + error.getMessage();
          }
          case STAGE_CHANGE -> "stage " + entry.getStageChange().getStage().getName();
          case LOG -> describe(entry.getLog());
          case DROPPED -> entry.getDropped().getCount() + " entries are no longer kept";
          case ENTRY_NOT_SET -> "an entry of a kind that this version does not know";
        };
    return "  %d attempt %d: %s".formatted(entry.getSequence(), entry.getAttempt(), what);
  }

  private static String describe(LogEntry line) {
    String text = Protos.shortName(line.getLevel(), "LOG_LEVEL_") + " " + line.getMessage();
    return line.hasContext() ? text + " " + JobParams.of(line.getContext()) : text;
  }
}
