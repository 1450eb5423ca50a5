package dev.milepost.server.grpc;

import static org.awaitility.Awaitility.await;

import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.Duration;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A caller: its stubs carry its credentials. */
public final class TestClient {
  private final Channel channel;
  private final Metadata headers;

  /** A client of the server at the end of a channel, without an identity. */
  public TestClient(Channel channel) {
    this(channel, new Metadata());
  }

  private TestClient(Channel channel, Metadata headers) {
    this.channel = channel;
    this.headers = headers;
  }

  /** Returns the same connection for another user. */
  public TestClient as(String user) {
    return with(DevelopmentAuthenticator.USER_HEADER, user);
  }

  /** Returns the same connection for another tenant. */
  public TestClient of(String tenant) {
    return with(DevelopmentAuthenticator.TENANT_HEADER, tenant);
  }

  /** Returns the same connection with other roles. */
  public TestClient in(String roles) {
    return with(DevelopmentAuthenticator.ROLES_HEADER, roles);
  }

  /** Returns the same connection with another header. */
  public TestClient with(String name, String value) {
    Metadata changed = new Metadata();
    changed.merge(headers);
    Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    changed.removeAll(key);
    changed.put(key, value);
    return new TestClient(channel, changed);
  }

  /** Returns the same connection without credentials. */
  public TestClient anonymous() {
    return new TestClient(channel);
  }

  /** Returns the connection, with the caller's headers. */
  public Channel channel() {
    return io.grpc.ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  public JobServiceGrpc.JobServiceBlockingStub jobs() {
    return JobServiceGrpc.newBlockingStub(channel());
  }

  public JobServiceGrpc.JobServiceStub jobsAsync() {
    return JobServiceGrpc.newStub(channel());
  }

  public WorkerServiceGrpc.WorkerServiceBlockingStub worker() {
    return WorkerServiceGrpc.newBlockingStub(channel());
  }

  public WorkerServiceGrpc.WorkerServiceStub workerAsync() {
    return WorkerServiceGrpc.newStub(channel());
  }

  public OperationsGrpc.OperationsBlockingStub operations() {
    return OperationsGrpc.newBlockingStub(channel());
  }

  public OperationsGrpc.OperationsStub operationsAsync() {
    return OperationsGrpc.newStub(channel());
  }

  /** Creates a job of a type. */
  public Job create(String type) {
    return create(JobSpec.newBuilder().setType(type));
  }

  /** Creates a job. */
  public Job create(JobSpec.Builder spec) {
    return jobs().createJob(CreateJobRequest.newBuilder().setSpec(spec).build()).getJob();
  }

  /** Creates a job and starts it immediately. */
  public HeldJob start(String type) {
    return start(JobSpec.newBuilder().setType(type));
  }

  /** Creates a job and starts it immediately. */
  public HeldJob start(JobSpec.Builder spec) {
    CreateJobResponse created =
        jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(spec)
                    .setStart(StartJob.newBuilder().setWorkerId("creator"))
                    .build());
    return new HeldJob(this, created.getJob().getId(), created.getGrant().getAttemptToken());
  }

  /** Returns a request for jobs. */
  public static ClaimJobsRequest.Builder claimRequest() {
    return ClaimJobsRequest.newBuilder().setWorkerId("worker-1");
  }

  /** Claims queued jobs without waiting. */
  public List<HeldJob> claim(int most) {
    return works(worker().claimJobs(claimRequest().setMaxJobs(most).build()));
  }

  /** Claims one job, which must be queued. */
  public HeldJob claim() {
    List<HeldJob> claimed = claim(1);
    if (claimed.isEmpty()) {
      throw new AssertionError("nothing to claim");
    }
    return claimed.get(0);
  }

  /** Claims one job, which a timer of the server may have yet to queue. */
  public HeldJob awaitClaim() {
    List<HeldJob> claimed = new ArrayList<>();
    await().atMost(20, TimeUnit.SECONDS).until(() -> claimed.addAll(claim(1)));
    return claimed.get(0);
  }

  /** Returns the claimed jobs. */
  public List<HeldJob> works(ClaimJobsResponse response) {
    List<HeldJob> works = new ArrayList<>();
    for (ClaimedJob claimed : response.getJobsList()) {
      works.add(new HeldJob(this, claimed.getJob().getId(), claimed.getGrant().getAttemptToken()));
    }
    return works;
  }

  /** Returns a job in its current state. */
  public Job get(String id) {
    return jobs().getJob(GetJobRequest.newBuilder().setJobId(id).build()).getJob();
  }

  /** Returns the whole journal of a job. */
  public List<JournalEntry> journal(String id) {
    List<JournalEntry> entries = new ArrayList<>();
    ListJournalRequest.Builder request =
        ListJournalRequest.newBuilder().setJobId(id).setPageSize(1000);
    do {
      ListJournalResponse page = jobs().listJournal(request.build());
      entries.addAll(page.getEntriesList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return entries;
  }

  /** Watches a job from its beginning. */
  public JobWatchRecorder watch(String id) {
    return watch(WatchJobRequest.newBuilder().setJobId(id));
  }

  /** Watches a job. */
  public JobWatchRecorder watch(WatchJobRequest.Builder request) {
    JobWatchRecorder watch = new JobWatchRecorder(Integer.MAX_VALUE);
    jobsAsync().watchJob(request.build(), watch);
    return watch;
  }

  /** Watches a job, and receives this many messages until more are requested. */
  public JobWatchRecorder watch(WatchJobRequest.Builder request, int messages) {
    JobWatchRecorder watch = new JobWatchRecorder(messages);
    jobsAsync().watchJob(request.build(), watch);
    return watch;
  }

  /** Returns a duration in seconds. */
  public static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }
}
