package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.BatchCreation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.transport.EventLoops;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.CreateJobsResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the items of one batch. Requests the next message only after the previous one has been
 * processed, so that a million items need the memory of one child. Confined to the call's event
 * loop.
 */
final class BatchStream implements StreamObserver<CreateJobsRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(BatchStream.class);

  private final Caller caller;
  private final BatchCreation creation;
  private final ServerCallStreamObserver<CreateJobsResponse> out;
  private final Context context = Context.current();
  private final Executor loop = EventLoops.current();

  /** All steps so far; each step starts when the previous one has completed. */
  private CompletionStage<?> work = CompletableFuture.completedFuture(null);

  private BatchCreation.@Nullable Batch batch;
  private boolean over;

  /** Must be created before the service method returns. */
  BatchStream(
      Caller caller, BatchCreation creation, ServerCallStreamObserver<CreateJobsResponse> out) {
    this.caller = caller;
    this.creation = creation;
    this.out = out;
    out.disableAutoRequest();
    out.setOnCancelHandler(this::giveUp);
    out.request(1);
  }

  @Override
  public void onNext(CreateJobsRequest request) {
    then(() -> take(request), done -> out.request(1));
  }

  private CompletionStage<Void> take(CreateJobsRequest request) {
    BatchCreation.Batch begun = batch;
    return switch (request.getPartCase()) {
      case BATCH -> {
        require(begun == null, "batch", "must be sent once, as the first message");
        yield creation
            .begin(caller, request.getBatch())
            .thenCompose(
                made -> {
                  batch = made;
                  return made.add("batch", request.getBatch().getItemsList());
                });
      }
      case ITEMS -> {
        if (begun == null) {
          throw new Refusal.InvalidArgument("items", "must be sent after the batch");
        }
        require(request.getItems().getItemsCount() > 0, "items.items", "must not be empty");
        yield begun.add("items", request.getItems().getItemsList());
      }
      case PART_NOT_SET ->
          throw new Refusal.InvalidArgument("part", "must be a batch, followed by items");
    };
  }

  private static void require(boolean holds, String field, String description) {
    if (!holds) {
      throw new Refusal.InvalidArgument(field, description);
    }
  }

  @Override
  public void onCompleted() {
    then(
        () -> {
          BatchCreation.Batch begun = batch;
          if (begun == null) {
            throw new Refusal.InvalidArgument("batch", "must be the first message");
          }
          return begun.finish();
        },
        answer -> {
          over = true;
          out.onNext(answer);
          out.onCompleted();
        });
  }

  @Override
  public void onError(Throwable failure) {
    giveUp();
  }

  /** Fails the stream and abandons what was created of the batch. */
  void endWith(Throwable reason) {
    loop.execute(() -> fail(reason));
  }

  /** Runs a step after the previous ones, then the continuation on the event loop. */
  private <T> void then(Supplier<CompletionStage<T>> step, Consumer<T> done) {
    if (over) {
      return;
    }
    CompletionStage<T> stage = work.thenCompose(before -> step.get());
    work = stage;
    stage.whenComplete(
        (result, failure) ->
            loop.execute(
                () ->
                    context.run(
                        () -> {
                          if (over) {
                            return;
                          }
                          if (failure != null) {
                            fail(failure);
                            return;
                          }
                          try {
                            done.accept(result);
                          } catch (RuntimeException | Error e) {
                            over = false;
                            fail(e);
                          }
                        })));
  }

  /** Answers once nothing of the batch is left. */
  private void fail(Throwable failure) {
    if (!over) {
      over = true;
      abandon()
          .whenComplete(
              (gone, unable) ->
                  loop.execute(
                      () -> context.run(() -> out.onError(ErrorMap.toException(failure)))));
    }
  }

  private void giveUp() {
    if (!over) {
      over = true;
      var unused = abandon();
    }
  }

  /** Waits for the current step first: it may be the one that opens the batch. */
  private CompletionStage<?> abandon() {
    return work.handle((done, failure) -> batch)
        .thenCompose(
            begun -> begun == null ? CompletableFuture.completedFuture(false) : begun.abandon())
        .whenComplete(
            (gone, unable) -> {
              if (unable != null && !StoreException.isReported(unable)) {
                LOG.warn("An incomplete batch could not be removed now; it expires later.", unable);
              }
            });
  }
}
