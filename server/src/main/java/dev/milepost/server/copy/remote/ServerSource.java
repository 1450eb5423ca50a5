package dev.milepost.server.copy.remote;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.JobPart;
import dev.milepost.server.copy.JobParts;
import dev.milepost.server.copy.JobReading;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.SourceJob;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.remote.ServerConnection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.ExportJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A running server to copy from, through its export: the only way to read a memory store. */
public final class ServerSource implements JobSource {
  private static final int PAGE_JOBS = 200;
  private static final long PAGE_BYTES = 2 << 20;
  private static final int COUNT_SECONDS = 30;

  private final ServerConnection server;
  private final AdminServiceGrpc.AdminServiceBlockingStub admin;
  private final JobServiceGrpc.JobServiceBlockingStub jobs;

  /** Creates a source that closes the connection with itself. */
  public ServerSource(ServerConnection server) {
    this.server = server;
    this.admin = AdminServiceGrpc.newBlockingStub(server.channel());
    this.jobs = JobServiceGrpc.newBlockingStub(server.channel());
  }

  @Override
  public String name() {
    return server.name();
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
    Iterator<ExportJobsResponse> messages =
        admin.exportJobs(ExportJobsRequest.newBuilder().setTenantId(tenant).build());
    List<SourceJob> page = new ArrayList<>();
    long bytes = 0;
    while (hasNext(messages)) {
      ExportJobsResponse first = messages.next();
      if (first.getUnreadableJobsCount() > 0) {
        first
            .getUnreadableJobsList()
            .forEach(job -> unreadable.accept(new JobKey(job.getTenantId(), job.getJobId())));
        continue;
      }
      Reading reading = new Reading(first, messages);
      reading.readAhead();
      page.add(new SourceJob(record(first), () -> reading));
      bytes += reading.bytes;
      if (page.size() == PAGE_JOBS || bytes >= PAGE_BYTES || !reading.isComplete) {
        reader.accept(List.copyOf(page));
        page.clear();
        bytes = 0;
        reading.skipRest();
      }
    }
    reader.accept(List.copyOf(page));
  }

  private JobRecord record(ExportJobsResponse first) {
    try {
      return JobParts.record(first);
    } catch (IllegalArgumentException e) {
      throw new CopyException(name() + " exports what this version cannot read: " + e.getMessage());
    }
  }

  /** A job of the export, of which the rest is read on demand if it is large. */
  private final class Reading implements JobReading {
    private final Iterator<ExportJobsResponse> messages;
    private final Deque<JobPart> ahead = new ArrayDeque<>();
    private long bytes;
    private boolean isComplete;

    Reading(ExportJobsResponse first, Iterator<ExportJobsResponse> messages) {
      this.messages = messages;
      take(first);
    }

    private void take(ExportJobsResponse message) {
      JobPart part = JobParts.part(message);
      ahead.add(part);
      bytes += part.bytes();
      isComplete = message.getLast();
    }

    /** Reads the whole job, unless it is large. */
    void readAhead() {
      while (!isComplete && bytes < PAGE_BYTES) {
        readMessage();
      }
    }

    private void readMessage() {
      ExportJobsResponse message =
          hasNext(messages) ? messages.next() : ExportJobsResponse.getDefaultInstance();
      if (message.hasJob() || message.equals(ExportJobsResponse.getDefaultInstance())) {
        throw new CopyException(name() + " left out a part of a job. Run the same copy again.");
      }
      take(message);
    }

    @Override
    public CompletionStage<Optional<JobPart>> next() {
      if (ahead.isEmpty() && !isComplete) {
        readMessage();
      }
      return CompletableFuture.completedStage(Optional.ofNullable(ahead.poll()));
    }

    /** Passes what its reader did not need. */
    void skipRest() {
      while (!isComplete) {
        ahead.clear();
        readMessage();
      }
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
    return new CopyException(server.explain(status, "Run the same copy again to resume it."));
  }

  @Override
  public void close() {
    server.close();
  }
}
