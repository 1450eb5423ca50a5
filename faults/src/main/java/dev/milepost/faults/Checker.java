package dev.milepost.faults;

import dev.milepost.faults.Ledger.End;
import dev.milepost.faults.Ledger.LedgerAttempt;
import dev.milepost.faults.Ledger.LedgerJob;
import dev.milepost.faults.Ledger.SentReport;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares the ledger with what the servers return after the run. Pure. */
final class Checker {
  private final LedgerJob recorded;
  private final Job job;
  private final List<JournalEntry> journal;
  private final List<String> violations = new ArrayList<>();

  private Checker(LedgerJob recorded, Job job, List<JournalEntry> journal) {
    this.recorded = recorded;
    this.job = job;
    this.journal = journal;
  }

  /**
   * Checks one job.
   *
   * @return the violated guarantees; empty if all held
   */
  static List<String> check(LedgerJob recorded, Job job, List<JournalEntry> journal) {
    Checker checker = new Checker(recorded, job, journal);
    checker.violations.addAll(recorded.conflicts());
    checker.checkNumbers();
    checker.checkEnd();
    checker.checkReports();
    return checker.violations.stream()
        .map(violation -> recorded.jobId() + ": " + violation)
        .toList();
  }

  /**
   * Checks a watch that started with the job and ran to its end.
   *
   * @param seen the received entries, in order of arrival
   */
  static List<String> checkWatch(String who, List<JournalEntry> seen, List<JournalEntry> journal) {
    List<String> violations = new ArrayList<>();
    long last = 0;
    for (JournalEntry entry : seen) {
      if (entry.getSequence() <= last) {
        violations.add(who + ": entry " + entry.getSequence() + " came after " + last);
      } else if (entry.getSequence() > last + 1) {
        violations.add(
            who + ": from " + last + " to " + entry.getSequence() + " entries are missing");
      }
      last = entry.getSequence();
    }
    if (violations.isEmpty() && !seen.equals(journal)) {
      violations.add(who + ": received " + seen.size() + " entries instead of " + journal.size());
    }
    return violations;
  }

  private void checkNumbers() {
    long expected = 1;
    for (JournalEntry entry : journal) {
      if (entry.getSequence() != expected) {
        violations.add("the journal has entry " + entry.getSequence() + " instead of " + expected);
        return;
      }
      expected++;
    }
    if (job.getStatus().getJournalSequence() != expected - 1) {
      violations.add("the status and the journal disagree about the number of entries");
    }
  }

  private void checkEnd() {
    JobState state = job.getStatus().getState();
    List<LedgerAttempt> completed =
        recorded.attempts().stream().filter(a -> a.acknowledgedEnd() == End.COMPLETED).toList();
    if (completed.size() > 1) {
      violations.add(completed.size() + " attempts completed");
    }
    if (!completed.isEmpty() && state != JobState.JOB_STATE_SUCCEEDED) {
      violations.add("it completed, but is " + state);
    }
    if (state != JobState.JOB_STATE_SUCCEEDED
        && !(state == JobState.JOB_STATE_CANCELLED && recorded.isCancelRequested())) {
      violations.add("its final state is " + state);
    }
    long ends =
        journal.stream()
            .filter(e -> e.hasStateChange() && isFinished(e.getStateChange().getToState()))
            .count();
    if (ends != 1) {
      violations.add("it ended " + ends + " times");
    }
  }

  private static boolean isFinished(JobState state) {
    return state == JobState.JOB_STATE_SUCCEEDED
        || state == JobState.JOB_STATE_FAILED
        || state == JobState.JOB_STATE_CANCELLED;
  }

  /**
   * An acknowledged report is stored exactly once; one without an acknowledgement at most once.
   * Each is stored as a whole, in order, under its attempt. Counters start at zero with each
   * attempt and count the reports of the last one.
   */
  private void checkReports() {
    List<String> lines = new ArrayList<>();
    for (JournalEntry entry : journal) {
      if (entry.hasLog()) {
        lines.add(lineOf(entry.getAttempt(), entry.getLog().getMessage()));
      }
    }
    Map<String, Integer> times = new HashMap<>();
    lines.forEach(line -> times.merge(line, 1, Integer::sum));
    List<String> expected = new ArrayList<>();
    Map<String, Long> counters = new HashMap<>();
    for (LedgerAttempt attempt : recorded.attempts()) {
      for (SentReport report : attempt.reports()) {
        boolean stored = report.lines().stream().anyMatch(l -> times.containsKey(of(attempt, l)));
        if (stored) {
          report.lines().forEach(line -> expected.add(of(attempt, line)));
          if (attempt.number() == job.getStatus().getAttempt()) {
            counters.merge(counterOf(attempt.number()), 1L, Long::sum);
          }
        } else if (report.acknowledged()) {
          violations.add(
              "report "
                  + report.seq()
                  + " of attempt "
                  + attempt.number()
                  + " was acknowledged, but is missing");
        }
      }
    }
    if (!lines.equals(expected)) {
      violations.add("its lines are " + lines + " instead of " + expected);
    }
    if (!job.getStatus().getOutcomeMap().equals(counters)) {
      violations.add(
          "its counters are " + job.getStatus().getOutcomeMap() + " instead of " + counters);
    }
  }

  private static String of(LedgerAttempt attempt, String line) {
    return lineOf(attempt.number(), line);
  }

  private static String lineOf(int attempt, String line) {
    return attempt + " " + line;
  }

  /** Returns the counter that each report of an attempt increments. */
  static String counterOf(int attempt) {
    return "attempt_" + attempt;
  }
}
