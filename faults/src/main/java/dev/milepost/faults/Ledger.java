package dev.milepost.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Records what was sent to the servers and what they acknowledged. Thread-safe. */
final class Ledger {
  private final Map<String, LedgerJob> jobs = new ConcurrentHashMap<>();

  /** Returns the record of a job. */
  LedgerJob of(String jobId) {
    return jobs.computeIfAbsent(jobId, LedgerJob::new);
  }

  /** All jobs that were created or claimed. */
  List<LedgerJob> all() {
    return List.copyOf(jobs.values());
  }

  /** The record of one job. Guards its own state. */
  static final class LedgerJob {
    private final String jobId;
    private final Map<Integer, LedgerAttempt> attempts = new TreeMap<>();
    private final List<String> conflicts = new ArrayList<>();
    private boolean createAcknowledged;
    private boolean cancelRequested;

    private LedgerJob(String jobId) {
      this.jobId = jobId;
    }

    String jobId() {
      return jobId;
    }

    synchronized void created() {
      createAcknowledged = true;
    }

    synchronized boolean isCreateAcknowledged() {
      return createAcknowledged;
    }

    synchronized void cancelRequested() {
      cancelRequested = true;
    }

    synchronized boolean isCancelRequested() {
      return cancelRequested;
    }

    /** Records that a worker was granted an attempt. A repeated response is the same grant. */
    synchronized LedgerAttempt granted(int attempt, String worker, String token) {
      LedgerAttempt recorded =
          attempts.computeIfAbsent(attempt, number -> new LedgerAttempt(number, worker, token));
      if (!recorded.worker.equals(worker) || !recorded.token.equals(token)) {
        conflicts.add(
            "attempt " + attempt + " was granted to " + recorded.worker + " and to " + worker);
      }
      attempts.values().stream()
          .filter(other -> other.number != attempt && other.token.equals(token))
          .forEach(
              other ->
                  conflicts.add(
                      "attempts " + other.number + " and " + attempt + " have the same token"));
      return recorded;
    }

    synchronized List<String> conflicts() {
      return List.copyOf(conflicts);
    }

    synchronized List<LedgerAttempt> attempts() {
      return List.copyOf(attempts.values());
    }
  }

  /** The record of one attempt, written by the worker that holds its lease. */
  static final class LedgerAttempt {
    private final int number;
    private final String worker;
    private final String token;
    private final List<SentReport> reports = new ArrayList<>();
    private @Nullable End acknowledgedEnd;

    private LedgerAttempt(int number, String worker, String token) {
      this.number = number;
      this.worker = worker;
      this.token = token;
    }

    int number() {
      return number;
    }

    /** Records that a report is about to be sent for the first time. */
    synchronized void sending(long seq, List<String> lines) {
      reports.add(new SentReport(seq, lines, false));
    }

    /** Records that all reports up to this one were acknowledged. */
    synchronized void acknowledged(long seq) {
      reports.replaceAll(
          report ->
              report.seq() <= seq ? new SentReport(report.seq(), report.lines(), true) : report);
    }

    synchronized void ended(End end) {
      acknowledgedEnd = end;
    }

    synchronized @Nullable End acknowledgedEnd() {
      return acknowledgedEnd;
    }

    synchronized List<SentReport> reports() {
      return List.copyOf(reports);
    }
  }

  /** How an attempt ended. */
  enum End {
    COMPLETED,
    CANCEL_CONFIRMED
  }

  /** One report. */
  record SentReport(long seq, List<String> lines, boolean acknowledged) {}
}
