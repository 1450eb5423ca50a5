package dev.milepost.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.cli.CommandLineTester.Result;
import dev.milepost.client.JobClient;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobView;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs that run as jobs on a real server. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunCommandsTest {
  private final CommandLineTester cli = new CommandLineTester();
  private final JobClient client = JobClient.builder(cli.address()).user("alice").build();

  @AfterAll
  void close() {
    client.close();
    cli.close();
  }

  @Test
  void recordsWhatAProgramWrites() {
    Result result =
        run(
            "recorded",
            """
            echo "job $MILEPOST_JOB_ID"
            printf '\\033[31mred\\033[0m\\033]0;title\\007\\n'
            printf '10 %%\\r20 %%\\rdone\\n'
            echo 'ERROR: no disk' >&2
            echo 'bad' >&2
            echo '3/4 files' > $MILEPOST_PROGRESS
            echo '{"counters": {"copied": 3}, "message": "copying"}' >> $MILEPOST_PROGRESS
            printf 'no end'
            """);

    Job job = only("recorded");
    assertThat(result.exit()).isZero();
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getProgress().getCurrent()).isEqualTo(3);
    assertThat(job.getStatus().getProgress().getTotal()).isEqualTo(4);
    assertThat(job.getStatus().getProgress().getUnit()).isEqualTo("files");
    assertThat(job.getStatus().getProgress().getMessage()).isEqualTo("copying");
    assertThat(job.getStatus().getOutcomeMap()).containsEntry("copied", 3L);
    assertThat(lines(job, LogLevel.LOG_LEVEL_INFO))
        .containsSubsequence("job " + job.getId(), "\u001b[31mred\u001b[0m", "done", "no end");
    assertThat(lines(job, LogLevel.LOG_LEVEL_WARNING)).containsExactly("bad");
    assertThat(lines(job, LogLevel.LOG_LEVEL_ERROR)).containsExactly("ERROR: no disk");
  }

  @Test
  void endsAsItsProgramEnds() {
    Result result = run("failing", "echo 'no space left' >&2; exit 42");

    Job job = only("failing");
    assertThat(result.exit()).isEqualTo(42);
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getStatus().getError().getCode()).isEqualTo("EXIT_CODE");
    assertThat(job.getStatus().getError().getMessage()).isEqualTo("Exit code 42: no space left");
  }

  @Test
  void saysThatAProgramCannotBeStarted() {
    Result result = cli.run("run", "--quiet", "-t", "missing", "--", "/no/such/program");

    assertThat(result.exit()).isEqualTo(127);
    assertThat(result.err()).contains("/no/such/program");
    assertThat(only("missing").getStatus().getError().getCode()).isEqualTo("NOT_STARTED");
  }

  @Test
  void findsProgressInLines() {
    run("pattern", "--progress", "(\\d+) of (\\d+)", "echo 'copied 7 of 9'");

    assertThat(only("pattern").getStatus().getProgress().getCurrent()).isEqualTo(7);
    assertThat(only("pattern").getStatus().getProgress().getTotal()).isEqualTo(9);
  }

  @Test
  void stopsAProgramWhoseJobIsCancelled() {
    CompletableFuture<Result> running =
        CompletableFuture.supplyAsync(
            () -> run("cancelled", "trap 'echo bye; exit 9' TERM; while :; do sleep 0.05; done"));
    await().until(() -> jobs("cancelled").size() == 1 && isRunning(only("cancelled")));

    cli.run("cancel", only("cancelled").getId());

    assertThat(running.join().exit()).isEqualTo(9);
    Job job = only("cancelled");
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(lines(job, LogLevel.LOG_LEVEL_INFO)).contains("bye");
  }

  @Test
  void killsAProgramThatDoesNotStop() {
    CompletableFuture<Result> running =
        CompletableFuture.supplyAsync(
            () ->
                run("stubborn", "--grace", "100ms", "trap '' TERM; while :; do sleep 0.05; done"));
    await().until(() -> jobs("stubborn").size() == 1 && isRunning(only("stubborn")));

    cli.run("cancel", only("stubborn").getId());

    assertThat(running.join().exit()).isEqualTo(137);
    assertThat(only("stubborn").getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void triesAgain(@TempDir Path directory) {
    String count = directory.resolve("count").toString();
    Result result =
        run(
            "again",
            "--retries",
            "2",
            "echo x >> " + count + "; test $(wc -l < " + count + ") -ge 3");

    assertThat(result.exit()).isZero();
    assertThat(result.err()).contains("try 2 of 3").contains("try 3 of 3");
  }

  @Test
  void runsTheProgramWithoutAServer() {
    Result result =
        cli.run(
            "run",
            "--quiet",
            "--address",
            "localhost:1",
            "--end-timeout",
            "100ms",
            "--",
            "sh",
            "-c",
            "exit 5");

    assertThat(result.exit()).isEqualTo(5);
    assertThat(result.err()).contains("The end of the job could not be reported within 0.1 s");
  }

  @Test
  void reportsFromWithin() {
    assertThat(cli.run("report", "--progress", "1/2").err())
        .startsWith("MILEPOST_PROGRESS is not set");
  }

  @Test
  void worksOnTheJobsOfAType() throws Exception {
    Environment environment = cli.environment();
    Thread worker =
        new Thread(
            () ->
                MilepostCommand.commandLine(environment)
                    .execute(
                        "work",
                        "--quiet",
                        "-t",
                        "worked",
                        "--",
                        "sh",
                        "-c",
                        "cat; echo \" $MILEPOST_PARAM_BATCH_SIZE $MILEPOST_ATTEMPT\"; exit"
                            + " $MILEPOST_PARAM_CODE"));
    worker.setDaemon(true);
    worker.start();

    Result good = cli.run("submit", "worked", "-p", "batchSize=10", "-p", "code=0", "--wait");
    Result bad = cli.run("submit", "worked", "-p", "code=1", "--retries", "0", "--wait");

    assertThat(good.exit()).isZero();
    assertThat(lines(client.get(good.line()), LogLevel.LOG_LEVEL_INFO))
        .contains("{\"batchSize\":10.0,\"code\":0.0} 10 1");
    assertThat(bad.exit()).isEqualTo(ExitCodes.JOB_FAILED);
  }

  private Result run(String type, String script) {
    return cli.run("run", "--quiet", "-t", type, "--", "sh", "-c", script);
  }

  private Result run(String type, String option, String value, String script) {
    return cli.run("run", "--quiet", "-t", type, option, value, "--", "sh", "-c", script);
  }

  private List<Job> jobs(String type) {
    List<Job> jobs = new ArrayList<>();
    client
        .list(JobFilter.newBuilder().addTypes(type).build(), "create_time", JobView.JOB_VIEW_FULL)
        .forEach(jobs::add);
    return jobs;
  }

  private Job only(String type) {
    List<Job> jobs = jobs(type);
    assertThat(jobs).hasSize(1);
    return jobs.get(0);
  }

  private static boolean isRunning(Job job) {
    return job.getStatus().getState() == JobState.JOB_STATE_RUNNING;
  }

  private List<String> lines(Job job, LogLevel level) {
    return StreamSupport.stream(client.journal(job.getId()).spliterator(), false)
        .filter(JournalEntry::hasLog)
        .filter(entry -> entry.getLog().getLevel() == level)
        .map(entry -> entry.getLog().getMessage())
        .toList();
  }
}
