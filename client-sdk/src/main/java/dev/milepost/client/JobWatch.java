package dev.milepost.client;

import java.util.Iterator;
import java.util.concurrent.Flow;

/**
 * What happens to a job, as it happens: every journal entry once and in order, and the latest
 * status.
 *
 * <p>Use it in a loop, which blocks until the next event and ends after the finished job's last
 * one; or subscribe to it. Either, not both, and one subscriber only. Lost connections are made
 * anew and resumed where they broke. Events are taken from the server as they are consumed: who is
 * slow gets fewer statuses, and holds up nobody else.
 *
 * <p>Where the server refuses, the loop throws (the subscriber gets) a {@link JobException}: {@link
 * JobNotFoundException} (also where the job is deleted meanwhile), {@link AccessDeniedException},
 * {@link InvalidRequestException}; {@link ServerUnavailableException} where it cannot be reached at
 * all.
 */
public final class JobWatch implements Iterable<JobEvent>, Flow.Publisher<JobEvent>, AutoCloseable {
  private final WatchReader<JobEvent> reader;

  JobWatch(ClientCore core, String jobId, WatchOptions options) {
    this.reader = new WatchReader<>(core, new JobWatchProtocol(jobId, options));
  }

  /**
   * The events from here on. All iterators of a watch share its position; use them on one thread.
   *
   * <p>{@code hasNext} throws {@link CallInterruptedException} where the thread is interrupted, and
   * answers false where the watch was closed.
   */
  @Override
  public Iterator<JobEvent> iterator() {
    return reader.iterator();
  }

  /**
   * Has the events delivered on the client's executor, as they are asked for.
   *
   * <p>A second subscriber gets an {@link IllegalStateException}.
   */
  @Override
  public void subscribe(Flow.Subscriber<? super JobEvent> subscriber) {
    reader.subscribe(subscriber);
  }

  /** Position in the journal of what was consumed; a later watch can resume after it. */
  public long sequence() {
    return reader.feed().consumedSequence();
  }

  /** Number of messages from the server that wait to be consumed. */
  int buffered() {
    return reader.feed().buffered();
  }

  /** Ends the watch. A loop ends; a subscriber hears of its end. */
  @Override
  public void close() {
    reader.feed().close();
  }
}
