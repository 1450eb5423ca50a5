package dev.milepost.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import dev.milepost.cli.CommandLineTester.Result;
import dev.milepost.client.JobClient;
import dev.milepost.client.Worker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What people and scripts do with jobs, against a real server. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobCommandsTest {
  private final CommandLineTester cli = new CommandLineTester();
  private final JobClient client = JobClient.builder(cli.address()).user("alice").build();

  @BeforeAll
  void startWorker() {
    Worker worker =
        client
            .worker()
            .concurrency(8)
            .handler(
                "copy",
                context -> {
                  context.logger().setTotal(4);
                  context.logger().info("copying", Map.of("file", "a.txt"));
                  context.logger().warning("slow disk");
                  context.logger().setProgress(4);
                  context.logger().message("done");
                })
            .handler(
                "break",
                context -> {
                  throw new IllegalStateException("the disk is full");
                })
            .handler(
                "sleep",
                context -> {
                  while (!context.isCancelRequested()) {
                    new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
                  }
                  context.throwIfCancelled();
                })
            .start();
    assertThat(worker).isNotNull();
  }

  @AfterAll
  void close() {
    client.close();
    cli.close();
  }

  @Test
  void submitsWatchesAndShowsAJob() {
    String id = cli.run("submit", "copy", "--name", "Copy", "-p", "n=3", "-p", "to=x").line();

    Result watched = cli.run("watch", id, "--logs");
    Result shown = cli.run("get", id, "-o", "json");

    assertThat(watched.exit()).isZero();
    assertThat(watched.out())
        .contains("INFO       copying {\"file\":\"a.txt\"}")
        .contains("WARNING    slow disk")
        .contains("SUCCEEDED  100 % · 4 of 4");
    var job = JsonParser.parseString(shown.out()).getAsJsonObject();
    assertThat(job.getAsJsonObject("spec").get("params").toString())
        .isEqualTo("{\"n\":3.0,\"to\":\"x\"}");
    assertThat(job.getAsJsonObject("status").get("state").getAsString())
        .isEqualTo("JOB_STATE_SUCCEEDED");
  }

  @Test
  void tellsByItsExitCodeHowAJobEnded() {
    assertThat(cli.run("submit", "copy", "--wait").exit()).isEqualTo(ExitCodes.OK);
    assertThat(cli.run("submit", "break", "--retries", "0", "--wait").exit())
        .isEqualTo(ExitCodes.JOB_FAILED);

    String failed = cli.run("submit", "break", "--retries", "0").line();
    assertThat(cli.run("wait", failed).exit()).isEqualTo(ExitCodes.JOB_FAILED);
    assertThat(cli.run("wait", failed, "--for", "failed").exit()).isEqualTo(ExitCodes.OK);
    assertThat(cli.run("wait", failed, "--for", "succeeded").exit())
        .isEqualTo(ExitCodes.JOB_FAILED);

    String succeeded = cli.run("submit", "copy", "--wait").line();
    assertThat(cli.run("wait", succeeded, "--for", "failed").exit()).isEqualTo(ExitCodes.FAILED);

    String queued = cli.run("submit", "nobody-works-on-this").line();
    Result waited = cli.run("wait", queued, "--timeout", "50ms");
    assertThat(waited.exit()).isEqualTo(ExitCodes.TIMED_OUT);
    assertThat(waited.err()).isEqualTo(queued + " has not reached finished in time.\n");
  }

  @Test
  void cancelsARunningJob() {
    String id = cli.run("submit", "sleep").line();
    assertThat(cli.run("wait", id, "--for", "running").line()).isEqualTo(id + " RUNNING");

    Result cancelled = cli.run("cancel", id, "--reason", "enough", "--wait");

    assertThat(cancelled.line()).isEqualTo(id + " CANCELLED");
    assertThat(cli.run("describe", id).out()).contains("Cancel      by alice: enough");
    assertThat(cli.run("wait", id).exit()).isEqualTo(ExitCodes.JOB_CANCELLED);
  }

  @Test
  void changesTheJobsOfAFilterOnlyIfItIsSure() {
    cli.run("submit", "idle", "-l", "group=a");
    cli.run("submit", "idle", "-l", "group=a");
    cli.run("submit", "idle", "-l", "group=b");

    Result unsure = cli.run("cancel", "-l", "group=a");
    assertThat(unsure.exit()).isEqualTo(ExitCodes.USAGE);
    assertThat(unsure.err()).isEqualTo("Cancel 2 jobs? Nobody can be asked here: add --yes.\n");

    assertThat(cli.run("cancel", "-l", "group=a", "-y").line()).isEqualTo("2");
    assertThat(cli.run("list", "-l", "group=a", "-s", "active").err())
        .isEqualTo("No job matches.\n");
    assertThat(cli.run("list", "-l", "group=b", "--columns", "state,type", "--no-headers").line())
        .isEqualTo("QUEUED  idle");
    assertThat(cli.run("retry", "-l", "group=a", "-y").line()).isEqualTo("2");
    assertThat(cli.run("cancel", "-l", "group=a", "-y").line()).isEqualTo("2");
    assertThat(cli.run("delete", "-l", "group=a", "-y").line()).isEqualTo("2");
    assertThat(cli.run("cancel").err()).startsWith("Name jobs by their ids");
  }

  @Test
  void goesOnWithTheOtherJobsIfOneIsRefused() {
    String id = cli.run("submit", "idle-too").line();

    Result cancelled = cli.run("cancel", "gone", id);

    assertThat(cancelled.exit()).isEqualTo(ExitCodes.FAILED);
    assertThat(cancelled.line()).isEqualTo(id + " CANCELLED");
    assertThat(cancelled.err()).isEqualTo("gone: There is no job gone.\n");
  }

  @Test
  void readsTheLogByLevelTextAndTail() {
    String id = cli.run("submit", "copy", "--wait").line();

    assertThat(cli.run("logs", id, "--level", "warning", "--logs-only").line())
        .endsWith("WARNING    slow disk");
    assertThat(cli.run("logs", id, "--grep", "COPYING").lines()).hasSize(1);
    assertThat(cli.run("logs", id, "--tail", "1").line())
        .endsWith("STATE      SUCCEEDED · attempt 1");
    assertThat(cli.run("logs", id, "--tail", "0").out()).isEmpty();
    assertThat(cli.run("logs", id, "--attempt", "2").out()).isEmpty();
    assertThat(cli.run("logs", id, "-f", "--json", "--logs-only").lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(JsonParser.parseString(line).isJsonObject()).isTrue());
  }

  @Test
  void followsALogToTheEndOfItsJob() {
    String id = cli.run("submit", "sleep").line();
    CompletableFuture<Result> followed =
        CompletableFuture.supplyAsync(() -> cli.run("logs", id, "-f"));
    cli.run("wait", id, "--for", "running");
    cli.run("cancel", id);

    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(followed).isCompleted());
    assertThat(followed.join().out())
        .contains("STATE      RUNNING")
        .contains("STATE      CANCELLED");
  }

  @Test
  void saysWhyAJobIsNotClaimed() {
    String id = cli.run("submit", "nobody").line();

    assertThat(cli.run("describe", id).out())
        .contains("Why it is not claimed\n  ")
        .contains("State       QUEUED");
  }

  @Test
  void listsInEveryFormat() {
    String id = cli.run("submit", "format", "--name", "日本 Größe").line();

    assertThat(cli.run("list", "-t", "format", "-o", "name").line()).isEqualTo(id);
    assertThat(cli.run("list", "-t", "format", "-o", "yaml").out())
        .startsWith("---\nid: " + id + "\n")
        .contains("displayName: 日本 Größe\n");
    assertThat(JsonParser.parseString(cli.run("list", "-t", "format", "-o", "json").out()))
        .satisfies(json -> assertThat(json.getAsJsonArray()).hasSize(1));
    assertThat(cli.run("list", "-t", "none", "-o", "json").line()).isEqualTo("[]");
    assertThat(cli.run("list", "-t", "format", "-o", "jsonl").lines()).hasSize(1);
    assertThat(cli.run("list", "-t", "format").lines().get(0))
        .isEqualTo(
            "ID                                    STATE   TYPE    NAME        PROGRESS  AGE");
  }

  @Test
  void keepsALongListShort() {
    for (int i = 0; i < 4; i++) {
      cli.run("submit", "many");
    }

    Result two = cli.run("list", "-t", "many", "-n", "2");

    assertThat(two.lines()).hasSize(3);
    assertThat(two.err()).isEqualTo("More jobs match. --limit 4 shows more, --limit 0 all.\n");
    assertThat(cli.run("list", "-t", "many", "-n", "0").lines()).hasSize(5);
    assertThat(cli.run("list", "-n", "-1").err())
        .isEqualTo("--limit is -1, but must be 0 or more.\n");
  }

  @Test
  void takesParamsFromStandardInput() {
    String id =
        cli.runWith("{\"a\": [1, {\"b\": null}]}", "submit", "p", "--params", "-", "-p", "c=\"3\"")
            .line();

    assertThat(cli.run("get", id, "-o", "jsonl").out())
        .contains("\"params\":{\"a\":[1.0,{\"b\":null}],\"c\":\"3\"}");
  }

  @Test
  void createsOnceForARequestId() {
    String first = cli.run("submit", "once", "--request-id", "r-1").line();

    assertThat(cli.run("submit", "once", "--request-id", "r-1").line()).isEqualTo(first);
  }
}
