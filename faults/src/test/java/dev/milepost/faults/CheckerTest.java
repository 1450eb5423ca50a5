package dev.milepost.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.faults.Ledger.End;
import dev.milepost.faults.Ledger.LedgerAttempt;
import dev.milepost.faults.Ledger.LedgerJob;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.StateChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker finds each kind of violation, and none if all guarantees held. */
class CheckerTest {
  private final LedgerJob page = new Ledger().of("j");
  private final LedgerAttempt attempt = page.granted(1, "w", "t");

  private static JournalEntry line(int attempt, String text) {
    return JournalEntry.newBuilder()
        .setAttempt(attempt)
        .setLog(LogEntry.newBuilder().setMessage(text))
        .build();
  }

  private static JournalEntry change(JobState to) {
    return JournalEntry.newBuilder()
        .setStateChange(StateChange.newBuilder().setToState(to))
        .build();
  }

  private static JournalEntry end() {
    return change(JobState.JOB_STATE_SUCCEEDED);
  }

  private static List<JournalEntry> numbered(JournalEntry... entries) {
    List<JournalEntry> journal = new ArrayList<>();
    for (JournalEntry entry : entries) {
      journal.add(entry.toBuilder().setSequence(journal.size() + 1).build());
    }
    return journal;
  }

  private static Job job(JobState state, int entries, long reports) {
    JobStatus.Builder status =
        JobStatus.newBuilder().setState(state).setAttempt(1).setJournalSequence(entries);
    if (reports > 0) {
      status.putOutcome(Checker.counterOf(1), reports);
    }
    return Job.newBuilder().setId("j").setStatus(status).build();
  }

  private static Job succeeded(int entries, long reports) {
    return job(JobState.JOB_STATE_SUCCEEDED, entries, reports);
  }

  private void sendTwoReports() {
    attempt.sending(1, List.of("a", "b"));
    attempt.sending(2, List.of("c"));
  }

  private void assertViolation(Job job, List<JournalEntry> journal, String expected) {
    assertThat(Checker.check(page, job, journal))
        .anyMatch(violation -> violation.contains(expected));
  }

  @Test
  void findsNothingIfAllGuaranteesHeld() {
    sendTwoReports();
    attempt.acknowledged(1);
    List<JournalEntry> all = numbered(line(1, "a"), line(1, "b"), line(1, "c"), end());
    assertThat(Checker.check(page, succeeded(4, 2), all)).isEmpty();
    // A report without an acknowledgement may not have arrived.
    List<JournalEntry> less = numbered(line(1, "a"), line(1, "b"), end());
    assertThat(Checker.check(page, succeeded(3, 1), less)).isEmpty();
    page.cancelRequested();
    List<JournalEntry> cancelled =
        numbered(line(1, "a"), line(1, "b"), change(JobState.JOB_STATE_CANCELLED));
    assertThat(Checker.check(page, job(JobState.JOB_STATE_CANCELLED, 3, 1), cancelled)).isEmpty();
  }

  @Test
  void findsAReportThatIsLostDuplicatedOrTorn() {
    sendTwoReports();
    attempt.acknowledged(2);
    assertViolation(
        succeeded(3, 1),
        numbered(line(1, "a"), line(1, "b"), end()),
        "acknowledged, but is missing");
    assertViolation(
        succeeded(5, 2),
        numbered(line(1, "a"), line(1, "b"), line(1, "c"), line(1, "c"), end()),
        "its lines are");
    assertViolation(succeeded(3, 2), numbered(line(1, "a"), line(1, "c"), end()), "its lines are");
    assertViolation(
        succeeded(4, 2),
        numbered(line(1, "c"), line(1, "a"), line(1, "b"), end()),
        "its lines are");
    assertViolation(
        succeeded(4, 2),
        numbered(line(1, "a"), line(1, "b"), line(2, "c"), end()),
        "its lines are");
    assertViolation(
        succeeded(4, 3),
        numbered(line(1, "a"), line(1, "b"), line(1, "c"), end()),
        "its counters are");
  }

  @Test
  void findsAnAttemptGrantedToTwoWorkers() {
    page.granted(1, "w", "t");
    assertThat(Checker.check(page, succeeded(1, 0), numbered(end()))).isEmpty();
    page.granted(1, "v", "t");
    assertViolation(succeeded(1, 0), numbered(end()), "was granted to w and to v");
    page.granted(2, "w", "t");
    assertViolation(succeeded(1, 0), numbered(end()), "attempts 1 and 2 have the same token");
  }

  @Test
  void findsAnUnexpectedFinalState() {
    assertViolation(
        job(JobState.JOB_STATE_RUNNING, 0, 0), numbered(), "its final state is JOB_STATE_RUNNING");
    assertViolation(
        job(JobState.JOB_STATE_CANCELLED, 1, 0),
        numbered(change(JobState.JOB_STATE_CANCELLED)),
        "its final state is JOB_STATE_CANCELLED");
    assertViolation(succeeded(2, 0), numbered(end(), end()), "it ended 2 times");
    page.cancelRequested();
    attempt.ended(End.COMPLETED);
    assertViolation(
        job(JobState.JOB_STATE_CANCELLED, 1, 0),
        numbered(change(JobState.JOB_STATE_CANCELLED)),
        "it completed, but is JOB_STATE_CANCELLED");
    page.granted(2, "w", "u").ended(End.COMPLETED);
    assertViolation(succeeded(1, 0), numbered(end()), "2 attempts completed");
  }

  @Test
  void findsAGapInTheJournal() {
    JournalEntry third = end().toBuilder().setSequence(2).build();
    assertViolation(succeeded(1, 0), List.of(third), "instead of 1");
    assertViolation(succeeded(2, 0), numbered(end()), "disagree about the number");
  }

  @Test
  void findsAWatchWithMissingRepeatedOrReorderedEntries() {
    List<JournalEntry> journal = numbered(line(1, "a"), line(1, "b"), end());
    assertThat(Checker.checkWatch("w", journal, journal)).isEmpty();
    for (List<JournalEntry> wrong :
        List.of(
            List.of(journal.get(0), journal.get(2)),
            List.of(journal.get(0), journal.get(0), journal.get(1), journal.get(2)),
            List.of(journal.get(1), journal.get(0), journal.get(2)),
            List.of(journal.get(0), journal.get(1)),
            numbered(line(1, "a"), line(1, "x"), end()))) {
      assertThat(Checker.checkWatch("w", wrong, journal)).isNotEmpty();
    }
  }
}
