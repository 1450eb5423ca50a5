package dev.milepost.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.faults.Ledger.AttemptPage;
import dev.milepost.faults.Ledger.End;
import dev.milepost.faults.Ledger.JobPage;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.StateChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker finds each kind of broken promise, and none where all were kept. */
class CheckerTest {
  private final JobPage page = new Ledger().of("j");
  private final AttemptPage attempt = page.granted(1, "w", "t");

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

  private void saidTwoReports() {
    attempt.says(1, List.of("a", "b"));
    attempt.says(2, List.of("c"));
  }

  private void assertFault(Job job, List<JournalEntry> journal, String fault) {
    assertThat(Checker.check(page, job, journal)).anyMatch(told -> told.contains(fault));
  }

  @Test
  void nothingIsWrongWhereEveryPromiseWasKept() {
    saidTwoReports();
    attempt.acknowledged(1);
    List<JournalEntry> all = numbered(line(1, "a"), line(1, "b"), line(1, "c"), end());
    assertThat(Checker.check(page, succeeded(4, 2), all)).isEmpty();
    // A report whose acknowledgement was lost may not have come through.
    List<JournalEntry> less = numbered(line(1, "a"), line(1, "b"), end());
    assertThat(Checker.check(page, succeeded(3, 1), less)).isEmpty();
    page.cancelAsked();
    List<JournalEntry> cancelled =
        numbered(line(1, "a"), line(1, "b"), change(JobState.JOB_STATE_CANCELLED));
    assertThat(Checker.check(page, job(JobState.JOB_STATE_CANCELLED, 3, 1), cancelled)).isEmpty();
  }

  @Test
  void aReportThatIsGoneOrDoubledOrTornIsFound() {
    saidTwoReports();
    attempt.acknowledged(2);
    assertFault(
        succeeded(3, 1), numbered(line(1, "a"), line(1, "b"), end()), "acknowledged, and gone");
    assertFault(
        succeeded(5, 2),
        numbered(line(1, "a"), line(1, "b"), line(1, "c"), line(1, "c"), end()),
        "its lines are");
    assertFault(succeeded(3, 2), numbered(line(1, "a"), line(1, "c"), end()), "its lines are");
    assertFault(
        succeeded(4, 2),
        numbered(line(1, "c"), line(1, "a"), line(1, "b"), end()),
        "its lines are");
    assertFault(
        succeeded(4, 2),
        numbered(line(1, "a"), line(1, "b"), line(2, "c"), end()),
        "its lines are");
    assertFault(
        succeeded(4, 3),
        numbered(line(1, "a"), line(1, "b"), line(1, "c"), end()),
        "its counters are");
  }

  @Test
  void anAttemptThatTwoWorkersHaveIsFound() {
    page.granted(1, "w", "t");
    assertThat(Checker.check(page, succeeded(1, 0), numbered(end()))).isEmpty();
    page.granted(1, "v", "t");
    assertFault(succeeded(1, 0), numbered(end()), "was granted to w and to v");
    page.granted(2, "w", "t");
    assertFault(succeeded(1, 0), numbered(end()), "attempts 1 and 2 have one token");
  }

  @Test
  void anEndThatWasNotAskedForIsFound() {
    assertFault(job(JobState.JOB_STATE_RUNNING, 0, 0), numbered(), "it is JOB_STATE_RUNNING");
    assertFault(
        job(JobState.JOB_STATE_CANCELLED, 1, 0),
        numbered(change(JobState.JOB_STATE_CANCELLED)),
        "it is JOB_STATE_CANCELLED");
    assertFault(succeeded(2, 0), numbered(end(), end()), "it ended 2 times");
    page.cancelAsked();
    attempt.ended(End.COMPLETED);
    assertFault(
        job(JobState.JOB_STATE_CANCELLED, 1, 0),
        numbered(change(JobState.JOB_STATE_CANCELLED)),
        "it was completed, and is JOB_STATE_CANCELLED");
    page.granted(2, "w", "u").ended(End.COMPLETED);
    assertFault(succeeded(1, 0), numbered(end()), "2 attempts were completed");
  }

  @Test
  void aJournalWithAGapIsFound() {
    JournalEntry third = end().toBuilder().setSequence(2).build();
    assertFault(succeeded(1, 0), List.of(third), "where 1 belongs");
    assertFault(succeeded(2, 0), numbered(end()), "counts other entries");
  }

  @Test
  void aWatchThatIsNotOrderedUniqueAndReliableIsFound() {
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
