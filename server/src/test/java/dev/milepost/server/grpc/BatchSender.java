package dev.milepost.server.grpc;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemList;
import dev.milepost.v1.JobSpec;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A stream that creates a batch, part by part. */
public final class BatchSender implements StreamObserver<CreateJobsResponse> {
  private final CompletableFuture<CreateJobsResponse> answer = new CompletableFuture<>();
  private final Context.CancellableContext call = Context.current().withCancellation();
  private final StreamObserver<CreateJobsRequest> stream;

  BatchSender(TestClient client) throws Exception {
    stream = call.call(() -> client.jobsAsync().createJobs(this));
  }

  /** Starts a batch of jobs of a type, with numbered items. */
  static CreateJobsResponse make(TestClient client, String type, int items) throws Exception {
    return make(client, JobSpec.newBuilder().setType(type), items);
  }

  /** Starts a batch of jobs with numbered items. */
  public static CreateJobsResponse make(TestClient client, JobSpec.Builder spec, int items)
      throws Exception {
    return new BatchSender(client)
        .begin(CreateJobRequest.newBuilder().setSpec(spec))
        .items(0, items)
        .finish();
  }

  BatchSender begin(String type) {
    return begin(CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType(type)));
  }

  BatchSender begin(CreateJobRequest.Builder request) {
    stream.onNext(CreateJobsRequest.newBuilder().setBatch(request).build());
    return this;
  }

  /** Sends items i0, i1, ... from one number (inclusive) to another (exclusive) in one message. */
  BatchSender items(int from, int until) {
    return items(
        IntStream.range(from, until)
            .mapToObj(i -> Item.newBuilder().setId("i" + i).build())
            .toList());
  }

  BatchSender items(List<Item> items) {
    return send(
        CreateJobsRequest.newBuilder().setItems(ItemList.newBuilder().addAllItems(items)).build());
  }

  BatchSender send(CreateJobsRequest part) {
    stream.onNext(part);
    return this;
  }

  CreateJobsResponse finish() throws Exception {
    stream.onCompleted();
    return answer();
  }

  /** Returns the failure of the stream without ending it first. */
  CreateJobsResponse answer() throws Exception {
    try {
      return answer.get(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof RuntimeException refusal ? refusal : e;
    }
  }

  void breakOff() {
    call.cancel(null);
  }

  @Override
  public void onNext(CreateJobsResponse response) {
    answer.complete(response);
  }

  @Override
  public void onError(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {}
}
