package dev.milepost.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What was said to the servers, and what they acknowledged. Thread-safe. */
final class Ledger {
  private final Map<String, JobPage> pages = new ConcurrentHashMap<>();

  /** What the ledger holds of a job. */
  JobPage of(String jobId) {
    return pages.computeIfAbsent(jobId, JobPage::new);
  }

  /** Jobs that were created or claimed. */
  List<JobPage> all() {
    return List.copyOf(pages.values());
  }

  /** One job. All its state is guarded by itself. */
  static final class JobPage {
    private final String jobId;
    private final Map<Integer, AttemptPage> attempts = new TreeMap<>();
    private final List<String> conflicts = new ArrayList<>();
    private boolean createAcknowledged;
    private boolean cancelAsked;

    private JobPage(String jobId) {
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

    synchronized void cancelAsked() {
      cancelAsked = true;
    }

    synchronized boolean isCancelAsked() {
      return cancelAsked;
    }

    /** An attempt was granted to a worker; the same answer twice is one grant. */
    synchronized AttemptPage granted(int attempt, String worker, String token) {
      AttemptPage page =
          attempts.computeIfAbsent(attempt, number -> new AttemptPage(number, worker, token));
      if (!page.worker.equals(worker) || !page.token.equals(token)) {
        conflicts.add(
            "attempt " + attempt + " was granted to " + page.worker + " and to " + worker);
      }
      attempts.values().stream()
          .filter(other -> other.number != attempt && other.token.equals(token))
          .forEach(
              other ->
                  conflicts.add(
                      "attempts " + other.number + " and " + attempt + " have one token"));
      return page;
    }

    synchronized List<String> conflicts() {
      return List.copyOf(conflicts);
    }

    synchronized List<AttemptPage> attempts() {
      return List.copyOf(attempts.values());
    }
  }

  /** One attempt, written by the worker that holds it, one thread at a time. */
  static final class AttemptPage {
    private final int number;
    private final String worker;
    private final String token;
    private final List<Said> said = new ArrayList<>();
    private @Nullable End acknowledgedEnd;

    private AttemptPage(int number, String worker, String token) {
      this.number = number;
      this.worker = worker;
      this.token = token;
    }

    int number() {
      return number;
    }

    /** A report is about to be sent for the first time. */
    synchronized void says(long seq, List<String> lines) {
      said.add(new Said(seq, lines, false));
    }

    /** All reports up to this one are acknowledged. */
    synchronized void acknowledged(long seq) {
      said.replaceAll(
          report -> report.seq() <= seq ? new Said(report.seq(), report.lines(), true) : report);
    }

    synchronized void ended(End end) {
      acknowledgedEnd = end;
    }

    synchronized @Nullable End acknowledgedEnd() {
      return acknowledgedEnd;
    }

    synchronized List<Said> said() {
      return List.copyOf(said);
    }
  }

  /** How a worker ended an attempt. */
  enum End {
    COMPLETED,
    CANCEL_CONFIRMED
  }

  /** One report. */
  record Said(long seq, List<String> lines, boolean acknowledged) {}
}
