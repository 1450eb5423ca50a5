package dev.milepost.server.copy.remote;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.JobParts;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.SourceJob;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.copy.WholeJob;
import dev.milepost.server.job.JobKey;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A running server to copy from, through its export: the only way to read a memory store. */
public final class ServerSource implements JobSource {
  private static final int PAGE_JOBS = 200;
  private static final long PAGE_BYTES = 2 << 20;
  private static final int COUNT_SECONDS = 30;

  private final String name;
  private final ManagedChannel channel;
  private final AdminServiceGrpc.AdminServiceBlockingStub admin;
  private final JobServiceGrpc.JobServiceBlockingStub jobs;

  /**
   * Creates a source.
   *
   * @param name of the server
   * @param channel to the server, without a limit on message size; shut down with this source
   * @param credentials headers that prove that the caller is an ADMIN
   */
  public ServerSource(String name, ManagedChannel channel, Metadata credentials) {
    this.name = name;
    this.channel = channel;
    var proved =
        ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(credentials));
    this.admin = AdminServiceGrpc.newBlockingStub(proved);
    this.jobs = JobServiceGrpc.newBlockingStub(proved);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Map<JobState, Long> counts(String tenant) {
    CountJobsRequest request =
        CountJobsRequest.newBuilder()
            .setFilter(JobFilter.newBuilder().setTenantId(tenant))
            .addGroupBy(JobGroup.JOB_GROUP_STATE)
            .build();
    try {
      return StoreSource.byState(
          jobs.withDeadlineAfter(COUNT_SECONDS, TimeUnit.SECONDS)
              .countJobs(request)
              .getCountsList());
    } catch (StatusRuntimeException e) {
      throw failure(e.getStatus());
    }
  }

  @Override
  public void eachPage(
      String tenant, Consumer<List<SourceJob>> reader, Consumer<JobKey> unreadable) {
    Iterator<ExportJobsResponse> parts =
        admin.exportJobs(ExportJobsRequest.newBuilder().setTenantId(tenant).build());
    List<SourceJob> page = new ArrayList<>();
    long bytes = 0;
    while (hasNext(parts)) {
      ExportJobsResponse first = parts.next();
      if (first.getUnreadableJobsCount() > 0) {
        first
            .getUnreadableJobsList()
            .forEach(job -> unreadable.accept(new JobKey(job.getTenantId(), job.getJobId())));
        continue;
      }
      WholeJob job = rest(first, parts);
      page.add(new SourceJob(job.record(), () -> CompletableFuture.completedFuture(job)));
      bytes += job.bytes();
      if (page.size() == PAGE_JOBS || bytes >= PAGE_BYTES) {
        reader.accept(List.copyOf(page));
        page.clear();
        bytes = 0;
      }
    }
    reader.accept(List.copyOf(page));
  }

  private WholeJob rest(ExportJobsResponse first, Iterator<ExportJobsResponse> parts) {
    List<ExportJobsResponse> ofOne = new ArrayList<>();
    ofOne.add(first);
    boolean last = first.getLast();
    while (!last && hasNext(parts)) {
      ExportJobsResponse part = parts.next();
      ofOne.add(part);
      last = part.getLast();
    }
    try {
      return JobParts.join(ofOne);
    } catch (IllegalArgumentException e) {
      throw new CopyException(name + " exports what this version cannot read: " + e.getMessage());
    }
  }

  /** Waits for the next part. */
  private boolean hasNext(Iterator<ExportJobsResponse> parts) {
    try {
      return parts.hasNext();
    } catch (StatusRuntimeException e) {
      throw failure(e.getStatus());
    }
  }

  private CopyException failure(Status status) {
    String said = status.getDescription() == null ? "" : ": " + status.getDescription();
    String hint =
        switch (status.getCode()) {
          case UNAUTHENTICATED, PERMISSION_DENIED -> " Only an ADMIN may export.";
          case UNIMPLEMENTED -> " Is it a Milepost server of this version?";
          case UNAVAILABLE, CANCELLED -> " Is it running? Run the same copy again to resume it.";
          default -> "";
        };
    return new CopyException(name + " answers " + status.getCode() + said + hint);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
