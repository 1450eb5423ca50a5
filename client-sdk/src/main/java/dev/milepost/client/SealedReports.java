package dev.milepost.client;

import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reports that have their numbers, and that the server has not acknowledged. Not thread-safe. */
final class SealedReports {
  private final TreeMap<Long, Sealed> bySeq = new TreeMap<>();
  private long lastSeq;
  private long committedSeq;
  private int lines;
  private long bytes;

  /** None yet, after what the server has already. */
  SealedReports(long committedSeq) {
    this.lastSeq = committedSeq;
    this.committedSeq = committedSeq;
  }

  /** Number of the last report that was sealed. */
  long lastSeq() {
    return lastSeq;
  }

  /** Number of the last report that the server has. */
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
    put(new Sealed(draft.build(++lastSeq, progress), draft.lines(), draft.bytes()));
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

  /** The first report after that number; null where there is none. */
  @Nullable Report after(long seq) {
    var entry = bySeq.higherEntry(seq);
    return entry == null ? null : entry.getValue().report();
  }

  /** Takes out the last report. */
  Report takeLast() {
    Report last = bySeq.lastEntry().getValue().report();
    drop(bySeq.tailMap(lastSeq, true));
    return last;
  }

  /** The server has everything up to that number; answers whether that is news. */
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
   * The server expects that number next, and so lacks some that it had acknowledged: those are
   * gone, and what is left takes their numbers.
   */
  void renumberFrom(long expected) {
    List<Sealed> left = new ArrayList<>(bySeq.values());
    drop(bySeq);
    committedSeq = expected - 1;
    lastSeq = committedSeq;
    for (Sealed sealed : left) {
      Report numbered = sealed.report().toBuilder().setReportSeq(++lastSeq).build();
      put(new Sealed(numbered, sealed.lines(), sealed.bytes()));
    }
  }

  void replace(long seq, UnaryOperator<Report> change) {
    bySeq.computeIfPresent(
        seq, (number, old) -> new Sealed(change.apply(old.report()), old.lines(), old.bytes()));
  }

  private record Sealed(Report report, int lines, long bytes) {}
}
