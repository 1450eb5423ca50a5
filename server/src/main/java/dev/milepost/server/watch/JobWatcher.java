package dev.milepost.server.watch;

import static java.util.function.Predicate.not;

import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobResponse;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a watch of one job sends: first the job, then journal entries in order and the latest
 * status. It remembers a position in the journal and the last revision sent, and takes entries from
 * the job's feed, or from the store if the feed no longer has them. Confined to the hub's executor.
 */
final class JobWatcher implements WatchSource {
  private static final int PAGE_SIZE = 200;
  private static final long MAX_MESSAGE_BYTES = 256 * 1024;

  private final Cursor<WatchJobResponse> cursor;
  private final JobFeed feed;
  private final JobWatchOptions options;
  private final JobStore store;
  private long position;
  private long sentRevision;
  private String sentEtag = "";
  private boolean begun;

  /** The job that this watch has begun with. */
  private @Nullable JobRecord first;

  JobWatcher(
      Cursor<WatchJobResponse> cursor, JobFeed feed, JobWatchOptions options, JobStore store) {
    this.cursor = cursor;
    this.feed = feed;
    this.options = options;
    this.store = store;
    this.position = options.afterSequence();
  }

  @Override
  public String position() {
    return Long.toString(position);
  }

  @Override
  public long entriesBehind() {
    JobRecord latest = feed.latest();
    return latest == null ? 0 : Math.max(0, lastSequence(latest) - position);
  }

  @Override
  public boolean sendNext() {
    JobRecord latest = feed.latest();
    if (latest == null) {
      return false;
    }
    if (first != null && !Incarnation.isSame(first, latest)) {
      // The deletion was among the changes that the server has missed.
      throw new Refusal.JobNotFound(feed.key().jobId());
    }
    options.check().accept(latest);
    if (begun && options.omitJournal()) {
      position = lastSequence(latest);
    }
    if (!begun) {
      begin(latest);
    } else if (position < lastSequence(latest)) {
      sendEntries(latest);
    } else if (isNew(latest) && !(options.omitStatus() && hasSentSpec(latest))) {
      send(WatchJobResponse.newBuilder(), latest);
    } else if (Transitions.isFinished(latest.getJob().getStatus().getState())) {
      cursor.complete();
    } else {
      return false;
    }
    return true;
  }

  private void begin(JobRecord latest) {
    if (options.createTime().filter(not(latest.getJob().getCreateTime()::equals)).isPresent()) {
      throw new WatchException.AnotherJob(feed.key().jobId());
    }
    first = latest;
    long last = lastSequence(latest);
    if (position > last) {
      throw new WatchException.OutOfRange(position, last);
    }
    begun = true;
    if (options.omitJournal()) {
      position = last;
    } else if (position == 0 && options.tail() > 0) {
      position = Math.max(0, last - options.tail());
    }
    send(WatchJobResponse.newBuilder(), latest);
  }

  private void sendEntries(JobRecord latest) {
    Optional<List<JournalEntry>> recent = feed.recent().after(position, PAGE_SIZE);
    if (recent.isEmpty() || recent.get().isEmpty()) {
      cursor.read(store.journal(new JournalQuery(feed.key(), position, PAGE_SIZE)), this::sendPage);
    } else {
      List<JournalEntry> entries = recent.get();
      sendEntries(entries, entries.get(entries.size() - 1).getSequence(), latest);
    }
  }

  private void sendPage(JournalPage page) {
    JobRecord latest = feed.latest();
    // If the sink is no longer ready, the page is dropped and read again later.
    if (latest != null && cursor.isReady()) {
      sendEntries(page.entries(), page.through(), latest);
    }
  }

  /**
   * Sends entries up to {@code through}. Those missing among them were dropped by the journal's
   * cap, and are reported as skipped.
   */
  private void sendEntries(List<JournalEntry> entries, long through, JobRecord latest) {
    WatchJobResponse.Builder message = WatchJobResponse.newBuilder();
    long reached = position;
    long bytes = 0;
    boolean cut = false;
    for (JournalEntry entry : entries) {
      if (bytes > MAX_MESSAGE_BYTES) {
        cut = true;
        break;
      }
      skip(message, reached + 1, entry.getSequence() - 1);
      if (options.levels().includes(entry)) {
        message.addEntries(entry);
        bytes += entry.getSerializedSize();
      }
      reached = entry.getSequence();
    }
    if (!cut) {
      skip(message, reached + 1, through);
      reached = Math.max(reached, through);
    }
    position = reached;
    boolean hasNewStatus = isNew(latest) && !options.omitStatus();
    if (message.getEntriesCount() > 0 || message.getSkippedCount() > 0 || hasNewStatus) {
      send(message, latest);
    }
  }

  private static void skip(WatchJobResponse.Builder message, long first, long last) {
    if (first <= last) {
      message.addSkipped(SkippedRange.newBuilder().setFirstSequence(first).setLastSequence(last));
    }
  }

  /** Sends a message, with the job or its status if they are new to this watch. */
  private void send(WatchJobResponse.Builder message, JobRecord latest) {
    Job job = latest.getJob();
    if (!hasSentSpec(latest)) {
      message.setJob(job);
      sentEtag = job.getEtag();
    } else if (isNew(latest) && !options.omitStatus()) {
      message.setStatus(job.getStatus());
    }
    if (sentRevision > 0 && !options.omitStatus()) {
      message.setSkippedStatuses(Math.max(0, latest.getRevision() - sentRevision - 1));
    }
    sentRevision = latest.getRevision();
    cursor.send(message.setSequence(position).build());
  }

  @Override
  public void sendBookmark() {
    if (begun) {
      cursor.send(WatchJobResponse.newBuilder().setSequence(position).build());
    }
  }

  private boolean isNew(JobRecord latest) {
    return latest.getRevision() > sentRevision;
  }

  private boolean hasSentSpec(JobRecord latest) {
    return sentEtag.equals(latest.getJob().getEtag());
  }

  private static long lastSequence(JobRecord latest) {
    return latest.getJob().getStatus().getJournalSequence();
  }
}
