package dev.milepost.faults;

import dev.milepost.faults.Ledger.AttemptPage;
import dev.milepost.faults.Ledger.End;
import dev.milepost.faults.Ledger.JobPage;
import dev.milepost.faults.Ledger.Said;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds the ledger against what the servers show in the end. Pure. */
final class Checker {
  private final JobPage page;
  private final Job job;
  private final List<JournalEntry> journal;
  private final List<String> faults = new ArrayList<>();

  private Checker(JobPage page, Job job, List<JournalEntry> journal) {
    this.page = page;
    this.job = job;
    this.journal = journal;
  }

  /**
   * Checks one job.
   *
   * @return what is wrong; empty where every promise was kept
   */
  static List<String> check(JobPage page, Job job, List<JournalEntry> journal) {
    Checker checker = new Checker(page, job, journal);
    checker.faults.addAll(page.conflicts());
    checker.checkNumbers();
    checker.checkEnd();
    checker.checkReports();
    return checker.faults.stream().map(fault -> page.jobId() + ": " + fault).toList();
  }

  /**
   * Checks what a watcher saw from the beginning to the end.
   *
   * @param seen the entries that came, in the order in which they came
   */
  static List<String> checkWatch(String who, List<JournalEntry> seen, List<JournalEntry> journal) {
    List<String> faults = new ArrayList<>();
    long last = 0;
    for (JournalEntry entry : seen) {
      if (entry.getSequence() <= last) {
        faults.add(who + ": entry " + entry.getSequence() + " came after " + last);
      } else if (entry.getSequence() > last + 1) {
        faults.add(who + ": from " + last + " to " + entry.getSequence() + " something is missing");
      }
      last = entry.getSequence();
    }
    if (faults.isEmpty() && !seen.equals(journal)) {
      faults.add(
          who + ": saw " + seen.size() + " entries, and not the " + journal.size() + " there are");
    }
    return faults;
  }

  private void checkNumbers() {
    long expected = 1;
    for (JournalEntry entry : journal) {
      if (entry.getSequence() != expected) {
        faults.add("the journal has " + entry.getSequence() + " where " + expected + " belongs");
        return;
      }
      expected++;
    }
    if (job.getStatus().getJournalSequence() != expected - 1) {
      faults.add("the status counts other entries than the journal has");
    }
  }

  private void checkEnd() {
    JobState state = job.getStatus().getState();
    List<AttemptPage> completed =
        page.attempts().stream().filter(a -> a.acknowledgedEnd() == End.COMPLETED).toList();
    if (completed.size() > 1) {
      faults.add(completed.size() + " attempts were completed");
    }
    if (!completed.isEmpty() && state != JobState.JOB_STATE_SUCCEEDED) {
      faults.add("it was completed, and is " + state);
    }
    if (state != JobState.JOB_STATE_SUCCEEDED
        && !(state == JobState.JOB_STATE_CANCELLED && page.isCancelAsked())) {
      faults.add("it is " + state);
    }
    long ends =
        journal.stream()
            .filter(e -> e.hasStateChange() && isFinished(e.getStateChange().getToState()))
            .count();
    if (ends != 1) {
      faults.add("it ended " + ends + " times");
    }
  }

  private static boolean isFinished(JobState state) {
    return state == JobState.JOB_STATE_SUCCEEDED
        || state == JobState.JOB_STATE_FAILED
        || state == JobState.JOB_STATE_CANCELLED;
  }

  /**
   * An acknowledged report is there once; one whose acknowledgement was lost once or not at all;
   * each as a whole, in its place, under its attempt. Counters, which begin anew with each attempt,
   * count the same reports of the last.
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
    for (AttemptPage attempt : page.attempts()) {
      for (Said said : attempt.said()) {
        boolean there = said.lines().stream().anyMatch(l -> times.containsKey(of(attempt, l)));
        if (there) {
          said.lines().forEach(line -> expected.add(of(attempt, line)));
          if (attempt.number() == job.getStatus().getAttempt()) {
            counters.merge(counterOf(attempt.number()), 1L, Long::sum);
          }
        } else if (said.acknowledged()) {
          faults.add(
              "report "
                  + said.seq()
                  + " of attempt "
                  + attempt.number()
                  + " is acknowledged, and gone");
        }
      }
    }
    if (!lines.equals(expected)) {
      faults.add("its lines are " + lines + " and not " + expected);
    }
    if (!job.getStatus().getOutcomeMap().equals(counters)) {
      faults.add("its counters are " + job.getStatus().getOutcomeMap() + " and not " + counters);
    }
  }

  private static String of(AttemptPage attempt, String line) {
    return lineOf(attempt.number(), line);
  }

  private static String lineOf(int attempt, String line) {
    return attempt + " " + line;
  }

  /** The counter that each report of an attempt raises by one. */
  static String counterOf(int attempt) {
    return "attempt_" + attempt;
  }
}
