package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.BatchCreation;
import dev.milepost.server.job.Refusal;
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
 * One stream that makes a batch. The next message is asked for when the last one is dealt with, so
 * that a million items take the memory of one child. Used on the call's event loop.
 */
final class BatchStream implements StreamObserver<CreateJobsRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(BatchStream.class);

  private final Caller caller;
  private final BatchCreation creation;
  private final ServerCallStreamObserver<CreateJobsResponse> out;
  private final Context context = Context.current();
  private final Executor loop = EventLoops.current();

  /** All that was asked so far; each step begins when those before it are done. */
  private CompletionStage<?> work = CompletableFuture.completedFuture(null);

  private BatchCreation.@Nullable Batch batch;
  private boolean over;

  /** Must be made before the service method returns. */
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
        require(begun == null, "batch", "must come first, and once");
        yield creation
            .begin(caller, request.getBatch())
            .thenCompose(
                made -> {
                  batch = made;
                  return made.add(request.getBatch().getItemsList());
                });
      }
      case ITEMS -> {
        if (begun == null) {
          throw new Refusal.InvalidArgument("items", "must come after the batch");
        }
        require(request.getItems().getItemsCount() > 0, "items", "must not be empty");
        yield begun.add(request.getItems().getItemsList());
      }
      case PART_NOT_SET ->
          throw new Refusal.InvalidArgument("part", "must be a batch, and then items");
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
            throw new Refusal.InvalidArgument("batch", "must come first");
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

  /** Ends the stream for a reason; what was made of the batch goes. */
  void endWith(Throwable reason) {
    loop.execute(() -> fail(reason));
  }

  /** A step after those before it, and what to do on the event loop when it is done. */
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
                          if (failure == null) {
                            done.accept(result);
                          } else {
                            fail(failure);
                          }
                        })));
  }

  /** The caller hears of it when nothing is left of the batch. */
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

  /** What is under way comes to its end first: it may be what begins the batch. */
  private CompletionStage<?> abandon() {
    return work.handle((done, failure) -> batch)
        .thenCompose(
            begun -> begun == null ? CompletableFuture.completedFuture(false) : begun.abandon())
        .whenComplete(
            (gone, unable) -> {
              if (unable != null) {
                LOG.warn("A broken batch goes later, by itself: {}", unable.toString());
              }
            });
  }
}
