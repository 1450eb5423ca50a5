import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobServiceGrpc.JobServiceStub;
import dev.milepost.v1.JobSpec;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Creates many jobs, many at a time: {@code java -cp SERVER_JAR Fill.java ADDRESS FROM TO}. By
 * gRPC, since a million take three times as long as JSON.
 */
final class Fill {
  private static final List<String> TYPES = List.of("user-sync", "export", "thumbnails", "report");
  private static final int OWNERS = 1_000;
  private static final int PROJECTS = 50;
  private static final int IN_FLIGHT = 512;
  private static final long CALL_TIMEOUT_SECONDS = 60;

  private final JobServiceStub jobs;
  private final Semaphore free = new Semaphore(IN_FLIGHT);
  private volatile Throwable failure;

  private Fill(JobServiceStub jobs) {
    this.jobs = jobs;
  }

  public static void main(String[] args) throws Exception {
    Metadata caller = new Metadata();
    caller.put(Metadata.Key.of("x-milepost-user", Metadata.ASCII_STRING_MARSHALLER), "filler");
    caller.put(Metadata.Key.of("x-milepost-roles", Metadata.ASCII_STRING_MARSHALLER), "OPERATOR");
    ManagedChannel channel =
        Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(caller))
            .build();
    try {
      new Fill(JobServiceGrpc.newStub(channel))
          .create(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    } finally {
      channel.shutdownNow();
    }
  }

  private void create(int from, int until) throws InterruptedException {
    for (int number = from; number < until; number++) {
      take(1);
      jobs.createJob(request(number), new Created());
    }
    take(IN_FLIGHT);
  }

  private void take(int places) throws InterruptedException {
    boolean taken = free.tryAcquire(places, CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (!taken || failure != null) {
      throw new IllegalStateException("The jobs could not all be created.", failure);
    }
  }

  /** Owners change faster than types, so that each owner has jobs of every type. */
  private static CreateJobRequest request(int number) {
    return CreateJobRequest.newBuilder()
        .setUserId("owner-" + number % OWNERS)
        .setSpec(
            JobSpec.newBuilder()
                .setType(TYPES.get(number / OWNERS % TYPES.size()))
                .setDisplayName("Customer " + number + " of the morning run")
                .setProjectId("project-" + number % PROJECTS)
                .putLabels("customer", "customer-" + number)
                .putLabels("region", number % 2 == 0 ? "us" : "eu"))
        .build();
  }

  private final class Created implements StreamObserver<CreateJobResponse> {
    @Override
    public void onNext(CreateJobResponse response) {}

    @Override
    public void onError(Throwable reason) {
      failure = reason;
      free.release();
    }

    @Override
    public void onCompleted() {
      free.release();
    }
  }
}
