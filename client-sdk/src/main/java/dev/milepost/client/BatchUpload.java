package dev.milepost.client;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemList;
import dev.milepost.v1.JobServiceGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the items of one batch, on the calling thread, no faster than the server takes them: of a
 * million items a few messages are held. Where the stream breaks, it begins anew with the same
 * request_id, which makes one batch of however many tries.
 */
final class BatchUpload {
  private static final int ITEMS = 1_000;
  private static final int BYTES = 1024 * 1024;

  private final ClientCore core;
  private final CreateJobRequest batch;
  private final Iterable<Item> items;
  private final Backoff backoff = Backoff.standard();

  /** The most parts that one try has sent, and when. */
  private int furthest;

  private long furtherNanos = System.nanoTime();

  BatchUpload(ClientCore core, CreateJobRequest batch, Iterable<Item> items) {
    this.core = core;
    this.batch = batch;
    this.items = items;
  }

  /** Tries until it is made or refused, or until no try has got further for too long. */
  CreateJobsResponse send() {
    Duration patience = core.calls().callTimeout();
    while (true) {
      Try one = new Try();
      CreateJobsResponse made = one.send();
      if (made != null) {
        return made;
      }
      ServerError error = one.error();
      Duration wait = backoff.next(error);
      long without = System.nanoTime() - furtherNanos + wait.toNanos();
      boolean timeIsLeft = without < patience.toNanos();
      if (!CallPolicy.forCaller(patience).retries(error) || !timeIsLeft || core.isClosed()) {
        throw error.toException();
      }
      sleep(wait);
      core.calls().resetConnectBackoff();
    }
  }

  private static void sleep(Duration wait) {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(e);
    }
  }

  /** One stream. Its lock is this. */
  private final class Try implements ClientResponseObserver<CreateJobsRequest, CreateJobsResponse> {
    private @Nullable ClientCallStreamObserver<CreateJobsRequest> stream;
    private @Nullable CreateJobsResponse answer;
    private @Nullable ServerError error;
    private boolean over;
    private int parts;

    /** Null where it broke. */
    @Nullable CreateJobsResponse send() {
      var unused = JobServiceGrpc.newStub(core.calls().channel()).createJobs(this);
      boolean goesOn = next(CreateJobsRequest.newBuilder().setBatch(batch).build());
      try {
        for (Iterator<Item> rest = items.iterator(); goesOn && rest.hasNext(); ) {
          goesOn = next(CreateJobsRequest.newBuilder().setItems(list(rest)).build());
        }
      } catch (RuntimeException | Error e) {
        // What the items come from failed: nothing is to be left of the batch.
        cancel();
        throw e;
      }
      return finish(goesOn);
    }

    private ItemList list(Iterator<Item> rest) {
      ItemList.Builder list = ItemList.newBuilder();
      int bytes = 0;
      while (rest.hasNext() && list.getItemsCount() < ITEMS && bytes < BYTES) {
        Item item = rest.next();
        list.addItems(item);
        bytes += item.getSerializedSize();
      }
      return list.build();
    }

    /** Waits for room; false where the stream is over. */
    private synchronized boolean next(CreateJobsRequest part) {
      await(() -> over || (stream != null && stream.isReady()));
      ClientCallStreamObserver<CreateJobsRequest> open = stream;
      if (over || open == null) {
        return false;
      }
      open.onNext(part);
      if (++parts > furthest) {
        // A server that takes the same again and again, and fails, is not tried for ever.
        furthest = parts;
        furtherNanos = System.nanoTime();
      }
      return true;
    }

    private synchronized @Nullable CreateJobsResponse finish(boolean goesOn) {
      ClientCallStreamObserver<CreateJobsRequest> open = stream;
      if (goesOn && open != null && !over) {
        open.onCompleted();
      }
      await(() -> over);
      return answer;
    }

    private synchronized void await(BooleanSupplier condition) {
      try {
        while (!condition.getAsBoolean()) {
          wait();
        }
      } catch (InterruptedException e) {
        cancel();
        Thread.currentThread().interrupt();
        throw new CallInterruptedException(e);
      }
    }

    private synchronized void cancel() {
      ClientCallStreamObserver<CreateJobsRequest> open = stream;
      if (open != null) {
        open.cancel("not wanted any more", null);
      }
    }

    synchronized ServerError error() {
      ServerError known = error;
      return known == null ? ServerError.of(io.grpc.Status.INTERNAL.asException()) : known;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<CreateJobsRequest> requests) {
      synchronized (this) {
        stream = requests;
      }
      requests.setOnReadyHandler(this::changed);
    }

    private synchronized void changed() {
      notifyAll();
    }

    @Override
    public synchronized void onNext(CreateJobsResponse response) {
      answer = response;
    }

    @Override
    public synchronized void onError(Throwable thrown) {
      error = ServerError.of(thrown);
      over = true;
      notifyAll();
    }

    @Override
    public synchronized void onCompleted() {
      over = true;
      notifyAll();
    }
  }
}
