package dev.milepost.client;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The fake server's watchers: cursors that read while their stream is ready. */
final class FakeWatches {
  private final FakeServer server;
  private final List<Cursor> cursors = new CopyOnWriteArrayList<>();
  volatile boolean silent;

  /** Sends one entry more than asked for, as a server at fault might. */
  volatile boolean overlaps;

  /** Ends streams with OK before the job has finished. */
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
    private boolean begun;
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
      while (to.isReady() && !silent && (!begun || position < job.journal.size())) {
        WatchJobResponse.Builder message = WatchJobResponse.newBuilder();
        if (!begun) {
          message.setJob(job.job());
          begun = true;
        } else {
          JournalEntry entry = job.journal.get((int) position);
          position = entry.getSequence();
          message.addEntries(entry).setStatus(job.job().getStatus());
        }
        sent.incrementAndGet();
        to.onNext(message.setSequence(position).build());
      }
      boolean all = begun && position >= job.journal.size();
      if (all && (JobStates.isFinished(job.state()) || endsEarly)) {
        over = true;
        to.onCompleted();
      }
    }
  }
}
