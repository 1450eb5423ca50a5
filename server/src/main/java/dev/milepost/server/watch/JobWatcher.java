package dev.milepost.server.watch;

import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.JournalPage;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch: a position in a job's journal and the last revision sent. It holds no entries: when
 * its stream is ready it takes the next from the job's feed, or reads them from the store where the
 * feed no longer has them. Confined to the hub's lane.
 */
final class JobWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatcher.class);
  private static final int ENTRIES_PER_STEP = 200;
  private static final long BYTES_PER_STEP = 256 * 1024;

  private final JobFeed feed;
  private final JobWatchOptions options;
  private final JobWatchSink sink;
  private final Keeper keeper;
  private int place;
  private long position;
  private long sentRevision;
  private String sentEtag = "";
  private boolean greeted;
  private boolean reading;
  private boolean over;
  private long lastSent;

  /** A watch that has sent nothing yet. */
  JobWatcher(JobFeed feed, JobWatchOptions options, JobWatchSink sink, Keeper keeper) {
    this.feed = feed;
    this.options = options;
    this.sink = sink;
    this.keeper = keeper;
    this.position = options.afterSequence();
    this.lastSent = keeper.nanos();
  }

  /** What all watchers ask of their hub. Called in its lane. */
  interface Keeper {
    /**
     * Reads the journal after a watcher's {@link #position()}; the page comes to {@link #deliver}.
     */
    void readOn(JobWatcher watcher);

    /** A watcher is over. */
    void ended(JobWatcher watcher);

    /** The time that idleness is measured by. */
    long nanos();
  }

  JobFeed feed() {
    return feed;
  }

  /** Its place in the feed's list, which is the feed's own affair. */
  int place() {
    return place;
  }

  void takePlace(int place) {
    this.place = place;
  }

  long position() {
    return position;
  }

  /** Entries of the job's journal that this watch has still to send or to pass over. */
  long entriesBehind() {
    JobRecord latest = feed.latest();
    return latest == null
        ? 0
        : Math.max(0, latest.getJob().getStatus().getJournalSequence() - position);
  }

  /**
   * Sends what is new, for as long as the stream is ready. A stream that breaks ends this watch,
   * and no other.
   */
  void drain() {
    guard(this::sendNews);
  }

  private void guard(Runnable send) {
    try {
      send.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void sendNews() {
    JobRecord latest = feed.latest();
    while (!over && !reading && latest != null && sink.isReady()) {
      if (!greeted) {
        greet(latest);
      } else if (wantsEntries(latest)) {
        sendEntries(latest);
      } else if (latest.getRevision() > sentRevision
          && !(options.omitStatus() && sameSpec(latest))) {
        send(WatchJobResponse.newBuilder(), latest);
      } else if (isFinished(latest)) {
        end();
        sink.completed();
      } else {
        return;
      }
    }
  }

  private void greet(JobRecord latest) {
    long last = latest.getJob().getStatus().getJournalSequence();
    if (position > last) {
      fail(new WatchException.OutOfRange(position, last));
      return;
    }
    greeted = true;
    if (options.omitJournal()) {
      position = last;
    }
    send(WatchJobResponse.newBuilder(), latest);
  }

  private boolean wantsEntries(JobRecord latest) {
    if (options.omitJournal()) {
      position = latest.getJob().getStatus().getJournalSequence();
    }
    return position < latest.getJob().getStatus().getJournalSequence();
  }

  private void sendEntries(JobRecord latest) {
    Optional<List<JournalEntry>> recent = feed.recent().after(position, ENTRIES_PER_STEP);
    if (recent.isEmpty() || recent.get().isEmpty()) {
      reading = true;
      keeper.readOn(this);
    } else {
      long through = recent.get().get(recent.get().size() - 1).getSequence();
      sendRun(recent.get(), through, latest);
    }
  }

  /**
   * A part of the journal has been read from the store. A stream that is not ready for it any more
   * lets it go.
   */
  void deliver(JournalPage page) {
    reading = false;
    JobRecord latest = feed.latest();
    if (over || latest == null) {
      return;
    }
    guard(
        () -> {
          if (sink.isReady()) {
            sendRun(page.entries(), page.through(), latest);
          }
          sendNews();
        });
  }

  /**
   * Sends a run of entries up to {@code through}: what is missing in it was dropped by the cap, and
   * is named.
   */
  private void sendRun(List<JournalEntry> run, long through, JobRecord latest) {
    WatchJobResponse.Builder step = WatchJobResponse.newBuilder();
    long reached = position;
    long bytes = 0;
    boolean cut = false;
    for (JournalEntry entry : run) {
      if (bytes > BYTES_PER_STEP) {
        cut = true;
        break;
      }
      skip(step, reached + 1, entry.getSequence() - 1);
      if (options.wants(entry)) {
        step.addEntries(entry);
        bytes += entry.getSerializedSize();
      }
      reached = entry.getSequence();
    }
    if (!cut) {
      skip(step, reached + 1, through);
      reached = Math.max(reached, through);
    }
    position = reached;
    boolean newStatus = latest.getRevision() > sentRevision && !options.omitStatus();
    if (step.getEntriesCount() > 0 || step.getSkippedCount() > 0 || newStatus) {
      send(step, latest);
    }
  }

  private static void skip(WatchJobResponse.Builder step, long first, long last) {
    if (first <= last) {
      step.addSkipped(SkippedRange.newBuilder().setFirstSequence(first).setLastSequence(last));
    }
  }

  /** Sends a step, with the job or its status where they are new to this watcher. */
  private void send(WatchJobResponse.Builder step, JobRecord latest) {
    Job job = latest.getJob();
    if (!sameSpec(latest)) {
      step.setJob(job);
      sentEtag = job.getEtag();
    } else if (latest.getRevision() > sentRevision && !options.omitStatus()) {
      step.setStatus(job.getStatus());
    }
    if (sentRevision > 0 && !options.omitStatus()) {
      step.setSkippedStatuses(Math.max(0, latest.getRevision() - sentRevision - 1));
    }
    sentRevision = latest.getRevision();
    emit(step);
  }

  private boolean sameSpec(JobRecord latest) {
    return sentEtag.equals(latest.getJob().getEtag());
  }

  private void emit(WatchJobResponse.Builder step) {
    lastSent = keeper.nanos();
    sink.next(step.setSequence(position).build());
  }

  private static boolean isFinished(JobRecord latest) {
    return Transitions.isFinished(latest.getJob().getStatus().getState());
  }

  /** Shows a quiet stream that it is alive and how far it is. */
  void bookmarkIfIdle(long idleNanos) {
    if (!over && greeted && !reading && keeper.nanos() - lastSent >= idleNanos && sink.isReady()) {
      guard(() -> emit(WatchJobResponse.newBuilder()));
    }
  }

  /** Ends the watch with a reason. */
  void fail(Throwable reason) {
    if (over) {
      return;
    }
    end();
    try {
      sink.failed(reason);
    } catch (RuntimeException e) {
      LOG.debug("A watch could not be told why it ended.", e);
    }
  }

  /** Ends the watch without a word: its other end is gone. */
  void abandon() {
    if (!over) {
      end();
    }
  }

  private void end() {
    over = true;
    keeper.ended(this);
  }
}
