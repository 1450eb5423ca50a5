package dev.milepost.examples.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailure;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Worker;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that docs/JAVA.md shows code that is compiled, and that it does what the page says. */
@Timeout(60)
class JavaPageTest {
  private static final Path PAGE = Path.of("../../docs/JAVA.md");
  private static final Path SOURCE =
      Path.of("src/main/java/dev/milepost/examples/recipes/JavaPage.java");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REGION = Pattern.compile("// begin\n(.*?)// end\n", Pattern.DOTALL);

  private final MilepostServer server =
      MilepostServer.start(
          Settings.with(
              Map.of(
                  "milepost.store", "memory:",
                  "milepost.listen", "localhost:0",
                  "milepost.http.listen", "off",
                  "milepost.limits.drain-timeout", "1s")));
  private final JobClient client = JobClient.connect("localhost:" + server.address().port());
  private final List<String> worked = Collections.synchronizedList(new ArrayList<>());
  private final JavaPage page = new JavaPage(client, worked::add);

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void thePageShowsTheCodeThatIsCompiled() throws IOException {
    List<String> shown = matches(JAVA_BLOCK, PAGE);

    assertThat(shown).isNotEmpty().containsExactlyElementsOf(matches(REGION, SOURCE));
  }

  /** The formatter decides on white space in the source, the reader's eye on the page. */
  private static List<String> matches(Pattern pattern, Path file) throws IOException {
    return pattern
        .matcher(Files.readString(file))
        .results()
        .map(match -> match.group(1).replaceAll("\\s", ""))
        .toList();
  }

  @Test
  void aWorkerRunsHandlersWithinItsInterceptors() {
    List<String> timed = Collections.synchronizedList(new ArrayList<>());
    try (Worker worker =
        page.worker(
            List.of("sea.jpg", "hill.jpg"),
            (context, next) -> {
              next.handle(context);
              timed.add(context.job().getSpec().getType());
            })) {
      JobHandle resized = client.create(JobSpec.of("resize"));
      assertThat(client.create(JobSpec.of("count")).result()).isEqualTo(Map.of("photos", 2L));
      assertThat(resized.result()).isEmpty();
      assertThat(worked).containsExactly("sea.jpg", "hill.jpg");
      assertThat(timed).containsExactlyInAnyOrder("resize", "count");
      assertThat(page.read(resized)).startsWith("resize: , ").contains("Summary: 2 of 2 photos");
      assertThat(worker.stopped()).isNotDone();
    }
  }

  @Test
  void codeBelowAHandlerFindsItsJob() {
    String id = client.run(JobSpec.of("resize"), context -> page.belowAHandler("sea.jpg")).getId();

    assertThat(client.attach(id).log())
        .singleElement()
        .satisfies(line -> assertThat(line.context()).isEqualTo(Map.of("photo", "sea.jpg")));
    assertThat(JobContext.findCurrent()).isEmpty();
  }

  @Test
  void aStartedJobEndsWithTheFuture() {
    CompletableFuture<Integer> lines = new CompletableFuture<>();
    CompletableFuture<Job> end = page.started(lines, () -> {});
    JobHandle job =
        client.attach(client.list(JobFilter.getDefaultInstance()).iterator().next().getId());

    lines.complete(7);

    assertThat(end.join().getId()).isEqualTo(job.id());
    assertThat(job.result()).isEqualTo(Map.of("lines", 7L));
  }

  @Test
  void aFailureSaysWhetherToRetry() {
    assertThatThrownBy(() -> page.noRetry(Path.of("missing.jpg")))
        .isInstanceOfSatisfying(
            JobFailure.class, failure -> assertThat(failure.retryable()).isFalse());
  }

  @Test
  void theNextAttemptStartsAtTheCheckpoint() {
    List<String> photos = List.of("a", "b", "c");
    JobHandler handler = new JavaPage(client, this::failOnce).checkpoints(photos);
    try (Worker worker = client.worker().handler("resize", handler).start()) {
      JobHandle job =
          client.create(JobSpec.of("resize").retryBackoff(Duration.ZERO, Duration.ZERO, 1));

      assertThat(job.result()).isEmpty();
      assertThat(worked).containsExactly("a", "b", "b", "c");
      assertThat(job.info().attempt()).isEqualTo(2);
      assertThat(job.progress().current()).isEqualTo(3);
      assertThat(worker.stopped()).isNotDone();
    }
  }

  private void failOnce(String photo) {
    worked.add(photo);
    if (photo.equals("b") && Collections.frequency(worked, "b") == 1) {
      throw new IllegalStateException("once");
    }
  }

  @Test
  void recordsTravelAsParamsAndResult() {
    assertThat(page.records()).isEqualTo(new JavaPage.SyncResult(100));
    assertThat(worked).containsExactly("/data");
  }

  @Test
  void futuresFailWithTheExceptionItself() {
    assertThat(page.future("missing").join()).isEqualTo("gone");
    assertThat(page.future(client.create(JobSpec.of("resize")).id()).join())
        .isEqualTo("JOB_STATE_QUEUED");
  }

  @Test
  void whatIsTooLargeForOneJobIsDividedOverSeveral() {
    List<String> paths = Collections.nCopies(5_000, "/data/".repeat(20));

    assertThat(page.chunks(paths)).hasSize(3);
  }
}
