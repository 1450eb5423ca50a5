package dev.milepost.client;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The fake server's watches: cursors that send while their stream is ready. */
final class FakeWatches {
  private final FakeServer server;
  private final List<Cursor> cursors = new CopyOnWriteArrayList<>();
  volatile boolean silent;

  /** Whether to repeat the last entry that the client has, as a faulty server might. */
  volatile boolean overlaps;

  /** Whether to end streams with OK before the job has finished. */
  volatile boolean endsEarly;

  FakeWatches(FakeServer server) {
    this.server = server;
  }

  void add(WatchJobRequest request, ServerCallStreamObserver<WatchJobResponse> to) {
    Cursor cursor = new Cursor(request, to);
    to.setOnReadyHandler(
        () -> {
          synchronized (server) {
            cursor.pump();
          }
        });
    cursors.add(cursor);
    cursor.pump();
  }

  void wake() {
    cursors.forEach(Cursor::pump);
  }

  int sent() {
    return cursors.stream().mapToInt(cursor -> cursor.sent.get()).sum();
  }

  private final class Cursor {
    private final FakeJob job;
    private final ServerCallStreamObserver<WatchJobResponse> to;
    private long position;
    private boolean started;
    private boolean over;
    private final AtomicInteger sent = new AtomicInteger();

    Cursor(WatchJobRequest request, ServerCallStreamObserver<WatchJobResponse> to) {
      this.job = server.jobs.get(request.getJobId());
      this.to = to;
      this.position = Math.max(0, request.getAfterSequence() - (overlaps ? 1 : 0));
    }

    void pump() {
      if (over || to.isCancelled()) {
        cursors.remove(this);
        return;
      }
      while (to.isReady() && !silent && (!started || position < job.journal.size())) {
        WatchJobResponse.Builder message = WatchJobResponse.newBuilder();
        if (!started) {
          message.setJob(job.job());
          started = true;
        } else {
          JournalEntry entry = job.journal.get((int) position);
          position = entry.getSequence();
          message.addEntries(entry).setStatus(job.job().getStatus());
        }
        sent.incrementAndGet();
        to.onNext(message.setSequence(position).build());
      }
      boolean all = started && position >= job.journal.size();
      if (all && (JobStates.isFinished(job.state()) || endsEarly)) {
        over = true;
        to.onCompleted();
      }
    }
  }
}
