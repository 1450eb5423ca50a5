package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.grpc.PendingCall;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server at random moments between the end of a task's first step and the start of its
 * second: the second step always starts exactly once.
 *
 * <p>{@code -Dmilepost.kills=100} kills it a hundred times.
 */
@Tag("slow")
class TaskKillTest {
  private static final int KILLS = Integer.getInteger("milepost.kills", 8);
  private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(12);

  @TempDir Path directory;

  private final Random random = new Random(20261126);
  private Process child;
  private ManagedChannel connection;
  private Channel channel;

  @AfterEach
  void stop() {
    connection.shutdownNow();
    child.destroyForcibly();
  }

  private void launch() throws Exception {
    child =
        ServerProcess.command(
                directory,
                "--listen",
                "localhost:0",
                "--store",
                "sqlite:jobs.db",
                "--tasks",
                "tasks.yaml")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    connection =
        NettyChannelBuilder.forAddress(
                "localhost", ServerProcess.port(ServerProcess.greeting(child)))
            .usePlaintext()
            .build();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of(DevelopmentAuthenticator.USER_HEADER, Metadata.ASCII_STRING_MARSHALLER),
        "ann");
    channel =
        ClientInterceptors.intercept(
            connection, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private void kill() throws Exception {
    child.destroyForcibly();
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    connection.shutdownNow();
  }

  @Test
  void theNextStepStartsOnce() throws Exception {
    Files.writeString(
        directory.resolve("tasks.yaml"),
        """
        tasks:
          - name: three
            scope: GLOBAL
            steps: [{name: one, type: one}, {name: two, type: two}, {name: three, type: three}]
        """);
    launch();
    for (int round = 0; round < KILLS; round++) {
      round("round-" + round);
    }
  }

  private void round(String name) throws Exception {
    String task =
        TaskServiceGrpc.newBlockingStub(channel)
            .startTask(StartTaskRequest.newBuilder().setDefinition("three").setJobId(name).build())
            .getTask()
            .getJob()
            .getId();
    CompleteJobRequest first = completion(claim("one", name).get(0));
    ClaimJobsRequest second = claimRequest("two", name);

    // Not awaited: whether these two succeed depends on the moment of the kill.
    var unusedEnd = PendingCall.call(WorkerServiceGrpc.newStub(channel)::completeJob, first);
    var unusedStart = PendingCall.call(WorkerServiceGrpc.newStub(channel)::claimJobs, second);
    LockSupport.parkNanos((long) (random.nextDouble() * LATEST_NANOS));
    kill();
    launch();

    // A client repeats requests without a response.
    var unused = worker().completeJob(first);
    List<ClaimedJob> started = worker().claimJobs(second).getJobsList();
    assertThat(started).as(name).hasSize(1);
    assertThat(started.get(0).getJob().getStep()).isEqualTo("two");
    assertThat(started.get(0).getJob().getStatus().getAttempt()).as("starts once").isEqualTo(1);
    assertThat(claim("two", name + "-other")).as("once is enough").isEmpty();
    assertThat(steps(task)).containsExactly("one", "two");

    unused = worker().completeJob(completion(started.get(0)));
    unused = worker().completeJob(completion(claim("three", name).get(0)));
    Task done =
        TaskServiceGrpc.newBlockingStub(channel)
            .getTask(GetTaskRequest.newBuilder().setJobId(task).build())
            .getTask();
    assertThat(done.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(done.getJob().getStatus().getChildCounts().getSucceeded()).isEqualTo(3);
    assertThat(steps(task)).containsExactly("one", "two", "three");
  }

  private WorkerServiceGrpc.WorkerServiceBlockingStub worker() {
    return WorkerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private List<ClaimedJob> claim(String type, String name) {
    return worker().claimJobs(claimRequest(type, name)).getJobsList();
  }

  private static ClaimJobsRequest claimRequest(String type, String name) {
    return ClaimJobsRequest.newBuilder()
        .setWorkerId("worker")
        .addTypes(type)
        .setRequestId(type + "-" + name)
        .build();
  }

  private static CompleteJobRequest completion(ClaimedJob claimed) {
    return CompleteJobRequest.newBuilder()
        .setJobId(claimed.getJob().getId())
        .setAttemptToken(claimed.getGrant().getAttemptToken())
        .build();
  }

  private List<String> steps(String task) {
    return JobServiceGrpc.newBlockingStub(channel)
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setParentId(task))
                .setOrderBy("create_time asc")
                .build())
        .getJobsList()
        .stream()
        .map(Job::getStep)
        .toList();
  }
}
