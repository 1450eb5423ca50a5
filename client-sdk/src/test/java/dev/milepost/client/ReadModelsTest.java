package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.LogLevel;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that users read jobs with the types of Java, and need none of gRPC. */
@Timeout(60)
class ReadModelsTest {
  private final TestServer server = TestServer.inMemory();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aRunningJobIsReadWithItsStageAndUnits() throws InterruptedException {
    Instant before = Instant.now().minus(1, ChronoUnit.MINUTES);
    try (StartedJob job =
        client.start(JobSpec.of("hash").displayName("Photos").params(Map.of("depth", 3)))) {
      job.logger().setStage("Hashing", "large files");
      job.logger().setTotal(50, "files");
      job.logger().incrementProgress(10);
      job.logger().addOutcome("hashed", 9);
      job.logger().addFailed(1);
      job.logger().info("first", Map.of("size", 12));
      job.saveCheckpoint(Map.of("at", "b"));
      job.flush();
      JobHandle handle = client.attach(job.jobId());

      JobProgress progress = handle.progress();
      assertThat(progress.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
      assertThat(progress.stage()).isEqualTo("Hashing");
      assertThat(progress.stageDetail()).isEqualTo("large files");
      assertThat(progress.current()).isEqualTo(10);
      assertThat(progress.total()).hasValue(50);
      assertThat(progress.unit()).isEqualTo("files");
      assertThat(progress.percent()).hasValue(20);
      assertThat(progress.fraction()).hasValue(0.2);
      assertThat(progress.failed()).isEqualTo(1);
      assertThat(progress.message()).contains("Hashing").contains("10 / 50");
      assertThat(progress.outcome()).isEqualTo(Map.of("hashed", 9L));
      assertThat(progress.isFinished()).isFalse();
      assertThat(progress.endTime()).isEmpty();
      assertThat(progress.updateTime()).isAfter(before);

      JobInfo info = handle.info();
      assertThat(info.name()).isEqualTo("Photos");
      assertThat(info.params().getLong("depth")).isEqualTo(3);
      assertThat(info.spec().displayName()).isEqualTo("Photos");
      assertThat(info.createTime()).isAfter(before);
      assertThat(info.startTime()).isPresent();
      assertThat(info.duration()).isEmpty();
      assertThat(info.checkpoint()).contains(Map.of("at", "b"));
      assertThat(info.error()).isEmpty();
      assertThat(info.workerId()).isPresent();
      assertThat(info.progress().stage()).isEqualTo("Hashing");
      assertThat(info.progress().percent()).hasValue(20);
      assertThat(info.progress().message()).isNotEmpty();
      assertThat(job.info().id()).isEqualTo(info.id());

      assertThat(handle.log())
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.message()).isEqualTo("first");
                assertThat(line.level()).isEqualTo(LogLevel.LOG_LEVEL_INFO);
                assertThat(line.context()).isEqualTo(Map.of("size", 12L));
                assertThat(line.stage()).isEqualTo("Hashing");
                assertThat(line.attempt()).isEqualTo(1);
                assertThat(line.time()).isAfter(before);
              });
      job.complete(Map.of("duplicates", 2)).join();

      assertThat(handle.info().isSucceeded()).isTrue();
      assertThat(handle.info().result()).isEqualTo(Map.of("duplicates", 2L));
      assertThat(handle.info().endTime()).isPresent();
      JobOutcome outcome = handle.outcome();
      assertThat(outcome.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(outcome.counters()).isEqualTo(Map.of("hashed", 9L));
      assertThat(outcome.result()).isEqualTo(Map.of("duplicates", 2L));
      assertThat(outcome.error()).isEmpty();
      assertThat(outcome.duration()).isPresent();
    }
  }

  @Test
  void aFailedJobSaysWhy() {
    StartedJob job = client.start(JobSpec.of("hash").maxRetries(0));
    job.fail(new JobFailure("NO_DISK", "the disk is full", false, Map.of("free", 0), null)).join();

    assertThat(client.attach(job.jobId()).info().error())
        .hasValueSatisfying(
            error -> {
              assertThat(error.code()).isEqualTo("NO_DISK");
              assertThat(error.message()).isEqualTo("the disk is full");
              assertThat(error.details()).isEqualTo(Map.of("free", 0L));
              assertThat(error.stackTrace()).contains("aFailedJobSaysWhy");
              assertThat(error.retryable()).isFalse();
            });
    assertThat(client.attach(job.jobId()).outcome().error()).isPresent();
  }

  @Test
  void aCancelledJobSaysWhy() {
    JobHandle job = client.create(JobSpec.of("hash"));
    job.cancel("enough");

    assertThat(job.info().cancelReason()).contains("enough");
    assertThat(job.info().startTime()).isEmpty();
    assertThat(job.info().progress().message()).isNotEmpty();
    assertThat(job.info().toString()).contains("hash").contains("CANCELLED");
  }

  @Test
  void aSpecIsReadAsItWasWritten() {
    Instant soon = Instant.parse("2030-01-01T00:00:00Z");
    JobSpec spec =
        JobSpec.of("hash")
            .displayName("Photos")
            .params(Map.of("depth", 3))
            .metadata(Map.of("ticket", "T-1"))
            .priority(80)
            .project("p")
            .scope(JobScope.JOB_SCOPE_PROJECT)
            .label("team", "blue")
            .trigger(JobTrigger.JOB_TRIGGER_MANUAL)
            .algorithmVersion("2")
            .maxRetries(1)
            .queueTimeout(Duration.ofSeconds(1))
            .attemptTimeout(Duration.ofSeconds(2))
            .totalTimeout(Duration.ofSeconds(3))
            .lease(Duration.ofSeconds(4))
            .cancelGrace(Duration.ofSeconds(5))
            .stallAfter(Duration.ofMillis(6_500))
            .notBefore(soon)
            .expireAt(soon.plusSeconds(1));

    JobSpec read = JobSpec.fromProto(spec.toProto());

    assertThat(read.displayName()).isEqualTo("Photos");
    assertThat(read.params()).isEqualTo(Map.of("depth", 3L));
    assertThat(read.metadata()).isEqualTo(Map.of("ticket", "T-1"));
    assertThat(read.priority()).hasValue(80);
    assertThat(read.project()).contains("p");
    assertThat(read.scope()).isEqualTo(JobScope.JOB_SCOPE_PROJECT);
    assertThat(read.labels()).isEqualTo(Map.of("team", "blue"));
    assertThat(read.trigger()).isEqualTo(JobTrigger.JOB_TRIGGER_MANUAL);
    assertThat(read.algorithmVersion()).isEqualTo("2");
    assertThat(read.maxRetries()).hasValue(1);
    assertThat(read.queueTimeout()).contains(Duration.ofSeconds(1));
    assertThat(read.attemptTimeout()).contains(Duration.ofSeconds(2));
    assertThat(read.totalTimeout()).contains(Duration.ofSeconds(3));
    assertThat(read.lease()).contains(Duration.ofSeconds(4));
    assertThat(read.cancelGrace()).contains(Duration.ofSeconds(5));
    assertThat(read.stallAfter()).contains(Duration.ofMillis(6_500));
    assertThat(read.notBefore()).contains(soon);
    assertThat(read.expireAt()).contains(soon.plusSeconds(1));
    JobSpec empty = JobSpec.of("hash");
    assertThat(empty.priority()).isEmpty();
    assertThat(empty.maxRetries()).isEmpty();
    assertThat(empty.lease()).isEmpty();
    assertThat(empty.notBefore()).isEmpty();
    assertThat(empty.project()).isEmpty();
  }

  @Test
  void theCodesOfErrorsAreThoseOfTheStandard() {
    assertThat(Arrays.stream(StatusCode.values()).map(Enum::name))
        .isEqualTo(Arrays.stream(Status.Code.values()).map(Enum::name).toList());
    assertThatThrownBy(() -> client.get("missing"))
        .isInstanceOfSatisfying(
            JobNotFoundException.class,
            thrown -> assertThat(thrown.code()).isEqualTo(StatusCode.NOT_FOUND));
  }

  @Test
  void ordinaryCodeNeedsNoTypeOfGrpc() {
    Set<String> withGrpc =
        new ClassFileImporter()
                .withImportOption(location -> !location.contains("test-classes"))
                .importPackages("dev.milepost.client")
                .stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(type -> type.getMethods().stream())
                .filter(
                    method ->
                        method.getModifiers().contains(JavaModifier.PUBLIC)
                            && types(method).stream()
                                .anyMatch(type -> type.getPackageName().startsWith("io.grpc")))
                .map(method -> method.getOwner().getSimpleName() + "." + method.getName())
                .collect(Collectors.toSet());

    assertThat(withGrpc)
        .as("credentials of another kind, settings of the channel, and what gRPC itself loads")
        .allMatch(
            method ->
                method.equals("JobClientBuilder.credentials")
                    || method.equals("JobClientBuilder.channel")
                    || method.startsWith("ServerListResolverProvider."));
  }

  private static List<JavaClass> types(JavaMethod method) {
    return List.copyOf(method.getAllInvolvedRawTypes());
  }
}
