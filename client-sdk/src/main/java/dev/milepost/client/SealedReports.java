package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Numbered reports that the server has not yet acknowledged. Not thread-safe. */
final class SealedReports {
  private final TreeMap<Long, Sealed> bySeq = new TreeMap<>();
  private long lastSeq;
  private long lastOrdinal;
  private long committedSeq;
  private int lines;
  private long bytes;

  /** Starts after the last report that the server has committed. */
  SealedReports(long committedSeq) {
    this.lastSeq = committedSeq;
    this.committedSeq = committedSeq;
  }

  /** Sequence number of the last sealed report. */
  long lastSeq() {
    return lastSeq;
  }

  /** Sequence number of the last report that the server has committed. */
  long committedSeq() {
    return committedSeq;
  }

  boolean isEmpty() {
    return bySeq.isEmpty();
  }

  int lines() {
    return lines;
  }

  long bytes() {
    return bytes;
  }

  void seal(ReportDraft draft, @Nullable Progress progress) {
    Report report = draft.build(++lastSeq, progress);
    put(new Sealed(report, ++lastOrdinal, draft.lines(), report.getSerializedSize()));
  }

  /** Number of reports sealed so far, which never changes as sequence numbers may. */
  long lastOrdinal() {
    return lastOrdinal;
  }

  /** Whether a report was sealed, and the server has committed it. */
  boolean isCommitted(long ordinal) {
    return lastOrdinal >= ordinal
        && (bySeq.isEmpty() || bySeq.firstEntry().getValue().ordinal() > ordinal);
  }

  private void put(Sealed sealed) {
    bySeq.put(sealed.report().getReportSeq(), sealed);
    lines += sealed.lines();
    bytes += sealed.bytes();
  }

  private void drop(NavigableMap<Long, Sealed> dropped) {
    for (Sealed sealed : dropped.values()) {
      lines -= sealed.lines();
      bytes -= sealed.bytes();
    }
    dropped.clear();
  }

  /** Returns the first report after a sequence number; null if there is none. */
  @Nullable Report after(long seq) {
    var entry = bySeq.higherEntry(seq);
    return entry == null ? null : entry.getValue().report();
  }

  /** Removes and returns the last report. */
  Report takeLast() {
    Report last = bySeq.lastEntry().getValue().report();
    drop(bySeq.tailMap(lastSeq, true));
    return last;
  }

  /** Removes the reports up to a sequence number; returns false if that was known already. */
  boolean acknowledge(long seq) {
    if (seq <= committedSeq) {
      return false;
    }
    committedSeq = seq;
    lastSeq = Math.max(lastSeq, seq);
    drop(bySeq.headMap(seq, true));
    return true;
  }

  /**
   * Renumbers all reports from the sequence number that the server expects next. It has lost some
   * that it had acknowledged; those are gone.
   */
  void renumberFrom(long expected) {
    List<Sealed> remaining = new ArrayList<>(bySeq.values());
    drop(bySeq);
    committedSeq = expected - 1;
    lastSeq = committedSeq;
    for (Sealed sealed : remaining) {
      Report numbered = sealed.report().toBuilder().setReportSeq(++lastSeq).build();
      put(new Sealed(numbered, sealed.ordinal(), sealed.lines(), sealed.bytes()));
    }
  }

  void replace(long seq, UnaryOperator<Report> change) {
    bySeq.computeIfPresent(
        seq,
        (number, old) ->
            new Sealed(change.apply(old.report()), old.ordinal(), old.lines(), old.bytes()));
  }

  private record Sealed(Report report, long ordinal, int lines, long bytes) {}
}
