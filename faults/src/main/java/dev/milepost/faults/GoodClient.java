package dev.milepost.faults;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListJobsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A well-behaved client: creates, reads and lists jobs, and measures how long each call takes. */
final class GoodClient implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 30;
  private static final int LARGE_PARAMS = 200_000;

  private final ManagedChannel channel;
  private final JobServiceGrpc.JobServiceBlockingStub jobs;
  private final List<Long> nanos = new ArrayList<>();
  private final Map<Status.Code, Integer> failures = new TreeMap<>();

  GoodClient(String address, String user) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-milepost-user", Metadata.ASCII_STRING_MARSHALLER), user);
    channel =
        NettyChannelBuilder.forTarget(address)
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
    jobs = JobServiceGrpc.newBlockingStub(channel);
  }

  /** Creates jobs whose list is as large as a list can be. */
  void createLargeJobs(int count) {
    Struct params =
        Struct.newBuilder()
            .putFields("x", Value.newBuilder().setStringValue("x".repeat(LARGE_PARAMS)).build())
            .build();
    for (int i = 0; i < count; i++) {
      var unused = create(JobSpec.newBuilder().setType("large").setParams(params).build());
    }
  }

  private String create(JobSpec spec) {
    return timely().createJob(CreateJobRequest.newBuilder().setSpec(spec).build()).getJob().getId();
  }

  private JobServiceGrpc.JobServiceBlockingStub timely() {
    return jobs.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** Makes calls for a while, one after the other. */
  void callFor(long seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      String[] id = {""};
      measure(() -> id[0] = create(JobSpec.newBuilder().setType("small").build()));
      measure(() -> timely().getJob(GetJobRequest.newBuilder().setJobId(id[0]).build()));
      measure(() -> timely().listJobs(ListJobsRequest.newBuilder().setPageSize(10).build()));
    }
  }

  private void measure(Runnable call) {
    long begun = System.nanoTime();
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      failures.merge(e.getStatus().getCode(), 1, Integer::sum);
    }
    nanos.add(System.nanoTime() - begun);
  }

  int calls() {
    return nanos.size();
  }

  Map<Status.Code, Integer> failures() {
    return failures;
  }

  /** Returns the time that 99 of 100 calls took at most, in milliseconds. */
  double p99Millis() {
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.isEmpty() ? 0 : sorted.get(sorted.size() * 99 / 100) / 1e6;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
