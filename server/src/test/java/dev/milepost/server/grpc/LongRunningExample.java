package dev.milepost.server.grpc;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.GrpcCallSettings;
import com.google.api.gax.grpc.GrpcCallableFactory;
import com.google.api.gax.grpc.GrpcTransportChannel;
import com.google.api.gax.grpc.ProtoOperationTransformers.MetadataTransformer;
import com.google.api.gax.grpc.ProtoOperationTransformers.ResponseTransformer;
import com.google.api.gax.longrunning.OperationFuture;
import com.google.api.gax.longrunning.OperationSnapshot;
import com.google.api.gax.longrunning.OperationTimedPollAlgorithm;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.ClientContext;
import com.google.api.gax.rpc.FixedTransportChannelProvider;
import com.google.api.gax.rpc.OperationCallSettings;
import com.google.api.gax.rpc.OperationCallable;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.OperationsSettings;
import com.google.longrunning.stub.GrpcOperationsStub;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** The example in {@code docs/LONG_RUNNING.md}, compiled and run. */
final class LongRunningExample {
  private LongRunningExample() {}

  // example begins
  static ManagedChannel connect(int port, String user) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-milepost-user", Metadata.ASCII_STRING_MARSHALLER), user);
    return NettyChannelBuilder.forAddress("localhost", port)
        .usePlaintext()
        .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
        .build();
  }

  static ClientContext context(ManagedChannel channel) throws Exception {
    return ClientContext.create(
        OperationsSettings.newBuilder()
            .setTransportChannelProvider(
                FixedTransportChannelProvider.create(GrpcTransportChannel.create(channel)))
            .setCredentialsProvider(NoCredentialsProvider.create())
            .build());
  }

  static OperationCallable<GetOperationRequest, Job, JobStatus> jobs(
      ClientContext context, Duration poll) throws Exception {
    RetrySettings polling =
        RetrySettings.newBuilder()
            .setInitialRetryDelayDuration(poll)
            .setRetryDelayMultiplier(1)
            .setMaxRetryDelayDuration(poll)
            .setTotalTimeoutDuration(Duration.ofHours(1)) // follows no longer than that
            .build();
    return GrpcCallableFactory.createOperationCallable(
        GrpcCallSettings.create(OperationsGrpc.getGetOperationMethod()),
        OperationCallSettings.<GetOperationRequest, Job, JobStatus>newBuilder()
            .setInitialCallSettings(
                UnaryCallSettings
                    .<GetOperationRequest, OperationSnapshot>newUnaryCallSettingsBuilder()
                    .build())
            .setResponseTransformer(ResponseTransformer.create(Job.class))
            .setMetadataTransformer(MetadataTransformer.create(JobStatus.class))
            .setPollingAlgorithm(OperationTimedPollAlgorithm.create(polling))
            .build(),
        context,
        GrpcOperationsStub.create(context));
  }

  static Job follow(
      OperationCallable<GetOperationRequest, Job, JobStatus> jobs,
      String jobId,
      Consumer<JobStatus> watcher)
      throws ExecutionException, InterruptedException {
    OperationFuture<Job, JobStatus> job = jobs.resumeFutureCall("operations/" + jobId);
    while (!job.isDone()) {
      watcher.accept(job.getMetadata().get()); // comes with the next poll
    }
    return job.get(); // or fails with an ApiException, whose code says why
  }

  // example ends
}
