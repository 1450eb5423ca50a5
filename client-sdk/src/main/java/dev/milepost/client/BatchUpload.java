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
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the items of one batch on one thread, at the pace at which the server accepts them, holding
 * only a few messages in memory. A broken stream is restarted with the same request id, so that any
 * number of tries creates one batch.
 */
final class BatchUpload {
  private static final int MAX_MESSAGE_ITEMS = 1_000;
  private static final int MAX_MESSAGE_BYTES = 1024 * 1024;

  private final ClientCore core;
  private final CreateJobRequest batch;
  private final Iterable<Item> items;
  private final Backoff backoff = Backoff.standard();

  /** Maximum number of messages sent by one try, and the time at which it last grew. */
  private int maxSent;

  private long lastProgressNanos = System.nanoTime();
  private final Tries tries = new Tries();

  BatchUpload(ClientCore core, CreateJobRequest batch, Iterable<Item> items) {
    this.core = core;
    this.batch = batch;
    this.items = items;
  }

  /**
   * Sends the items on a thread of its own. Cancelling the future interrupts it, which abandons the
   * upload.
   */
  CompletableFuture<CreateJobsResponse> start() {
    CompletableFuture<CreateJobsResponse> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(send());
              } catch (Throwable e) {
                // Whatever the caller's iterator throws, the future must end.
                result.completeExceptionally(e);
              }
            },
            "milepost-batch");
    thread.setDaemon(true);
    Futures.onDone(
        result,
        (created, thrown) -> {
          if (result.isCancelled()) {
            thread.interrupt();
          }
        });
    thread.start();
    return result;
  }

  /** Tries until the batch is created or rejected, or no try makes progress within the timeout. */
  CreateJobsResponse send() {
    Duration timeout = core.calls().callTimeout();
    while (true) {
      tries.add();
      long startNanos = System.nanoTime();
      Try current = new Try();
      CreateJobsResponse created = current.send();
      if (created != null) {
        return created;
      }
      ServerError error = current.error();
      ConnectionProblem problem = Futures.join(core.calls().diagnose(error, startNanos));
      Duration wait = backoff.next(error);
      long stalledNanos = System.nanoTime() - lastProgressNanos + wait.toNanos();
      boolean timedOut = stalledNanos >= timeout.toNanos();
      if (!CallPolicy.forCaller(timeout).retries(error, problem) || timedOut || core.isClosed()) {
        throw core.calls().failure("CreateJobs", tries, error, problem);
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

  /** One stream, guarded by its own monitor. */
  private final class Try implements ClientResponseObserver<CreateJobsRequest, CreateJobsResponse> {
    private @Nullable ClientCallStreamObserver<CreateJobsRequest> stream;
    private @Nullable CreateJobsResponse response;
    private @Nullable ServerError error;
    private boolean over;
    private int sent;

    /** Sends everything; returns null if the stream broke. */
    @Nullable CreateJobsResponse send() {
      var unused = JobServiceGrpc.newStub(core.calls().channel()).createJobs(this);
      boolean open = next(CreateJobsRequest.newBuilder().setBatch(batch).build());
      try {
        for (Iterator<Item> rest = items.iterator(); open && rest.hasNext(); ) {
          open = next(CreateJobsRequest.newBuilder().setItems(list(rest)).build());
        }
      } catch (RuntimeException | Error e) {
        // The caller's iterator failed: cancelling the stream removes the batch.
        cancel();
        throw e;
      }
      return finish(open);
    }

    private ItemList list(Iterator<Item> rest) {
      ItemList.Builder list = ItemList.newBuilder();
      int bytes = 0;
      while (rest.hasNext()
          && list.getItemsCount() < MAX_MESSAGE_ITEMS
          && bytes < MAX_MESSAGE_BYTES) {
        Item item = rest.next();
        list.addItems(item);
        bytes += item.getSerializedSize();
      }
      return list.build();
    }

    /** Sends a message once the stream is ready; returns false if the stream is over. */
    private synchronized boolean next(CreateJobsRequest message) {
      await(() -> over || (stream != null && stream.isReady()));
      ClientCallStreamObserver<CreateJobsRequest> open = stream;
      if (over || open == null) {
        return false;
      }
      open.onNext(message);
      if (++sent > maxSent) {
        // Only reaching a later message counts, so that a server that always fails at the same
        // message is not retried forever.
        maxSent = sent;
        lastProgressNanos = System.nanoTime();
      }
      return true;
    }

    private synchronized @Nullable CreateJobsResponse finish(boolean allSent) {
      ClientCallStreamObserver<CreateJobsRequest> open = stream;
      if (allSent && open != null && !over) {
        open.onCompleted();
      }
      await(() -> over);
      return response;
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
        open.cancel("the upload was abandoned", null);
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
    public synchronized void onNext(CreateJobsResponse message) {
      response = message;
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
