package dev.milepost.client;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * How far a watch has come: turns the server's messages into events, in order and each entry once,
 * whatever is sent twice. Not thread-safe.
 */
final class JobWatchPosition {
  private long sequence;
  private JobState state = JobState.JOB_STATE_UNSPECIFIED;

  JobWatchPosition(long afterSequence) {
    this.sequence = afterSequence;
  }

  /** Where to resume. */
  long sequence() {
    return sequence;
  }

  /** Whether the job had finished when it was last heard of. */
  boolean isFinished() {
    return JobStates.isFinished(state);
  }

  /** What is new in a message. */
  Deque<JobEvent> advance(WatchJobResponse message) {
    Deque<JobEvent> events = new ArrayDeque<>();
    if (message.hasJob()) {
      state = message.getJob().getStatus().getState();
      events.add(new JobEvent.Snapshot(message.getJob()));
    }
    Iterator<SkippedRange> skipped = message.getSkippedList().iterator();
    SkippedRange nextSkipped = skipped.hasNext() ? skipped.next() : null;
    for (JournalEntry entry : message.getEntriesList()) {
      while (nextSkipped != null && nextSkipped.getFirstSequence() < entry.getSequence()) {
        skip(nextSkipped, events);
        nextSkipped = skipped.hasNext() ? skipped.next() : null;
      }
      add(entry, events);
    }
    while (nextSkipped != null) {
      skip(nextSkipped, events);
      nextSkipped = skipped.hasNext() ? skipped.next() : null;
    }
    sequence = Math.max(sequence, message.getSequence());
    if (message.hasStatus()) {
      state = message.getStatus().getState();
      events.add(new JobEvent.Status(message.getStatus(), message.getSkippedStatuses()));
    }
    return events;
  }

  private void add(JournalEntry entry, Deque<JobEvent> events) {
    if (entry.getSequence() > sequence) {
      sequence = entry.getSequence();
      events.add(new JobEvent.Entry(entry));
      if (entry.hasStateChange()) {
        state = entry.getStateChange().getToState();
      }
    }
  }

  private void skip(SkippedRange range, Deque<JobEvent> events) {
    long first = Math.max(range.getFirstSequence(), sequence + 1);
    if (range.getLastSequence() >= first) {
      sequence = range.getLastSequence();
      events.add(new JobEvent.Skipped(first, range.getLastSequence()));
    }
  }
}
