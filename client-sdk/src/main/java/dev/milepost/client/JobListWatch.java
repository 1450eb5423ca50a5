package dev.milepost.client;

import dev.milepost.v1.JobFilter;
import java.util.Iterator;
import java.util.concurrent.Flow;

/**
 * All jobs that match a filter, and what becomes of them: a snapshot, then each that enters,
 * changes or leaves.
 *
 * <p>Use it in a loop, which blocks until the next event, or subscribe to it. Either, not both, and
 * one subscriber only. It does not end by itself: close it. Lost connections are made anew and
 * resumed where they broke; where the server does not keep that place any more, a new snapshot
 * begins, and says so ({@link JobListEvent.SnapshotStarted}). Events are taken from the server as
 * they are consumed: who is slow hears of fewer changes, but of the last of each job.
 *
 * <p>Where the server refuses, the loop throws (the subscriber gets) a {@link JobException}: {@link
 * AccessDeniedException}, {@link InvalidRequestException}; {@link ServerUnavailableException} where
 * it cannot be reached at all.
 */
public final class JobListWatch
    implements Iterable<JobListEvent>, Flow.Publisher<JobListEvent>, AutoCloseable {
  private final WatchReader<JobListEvent> reader;

  JobListWatch(ClientCore core, JobFilter filter) {
    this.reader = new WatchReader<>(core, new JobListWatchProtocol(filter));
  }

  /**
   * The events from here on. All iterators of a watch share its position; use them on one thread.
   *
   * <p>{@code hasNext} throws {@link CallInterruptedException} where the thread is interrupted, and
   * answers false where the watch was closed.
   */
  @Override
  public Iterator<JobListEvent> iterator() {
    return reader.iterator();
  }

  /**
   * Has the events delivered on the client's executor, as they are asked for.
   *
   * <p>A second subscriber gets an {@link IllegalStateException}.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super JobListEvent> subscriber) {
    reader.subscribe(subscriber);
  }

  /** Ends the watch. A loop ends; a subscriber hears of its end. */
  @Override
  public void close() {
    reader.feed().close();
  }
}
