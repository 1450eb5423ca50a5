package dev.milepost.examples.recipes;

import static dev.milepost.client.JobLimits.MAX_PARAMS_BYTES;

import dev.milepost.client.HandlerInterceptor;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobFailure;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobInfo;
import dev.milepost.client.JobNotFoundException;
import dev.milepost.client.JobProgress;
import dev.milepost.client.JobSpec;
import dev.milepost.client.JsonCodec;
import dev.milepost.client.LogLine;
import dev.milepost.client.Payloads;
import dev.milepost.client.StartedJob;
import dev.milepost.client.Worker;
import dev.milepost.v1.Job;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The code that docs/JAVA.md shows, part by part; {@code JavaPageTest} compares and runs it. */
final class JavaPage {
  private final JobClient client;
  private final Consumer<String> work;

  JavaPage(JobClient client, Consumer<String> work) {
    this.client = client;
    this.work = work;
  }

  private void resize(String photo) {
    work.accept(photo);
  }

  private long sync(String folder, int batch) {
    work.accept(folder);
    return batch;
  }

  static JobClient connect(Path caFile, String token) {
    // begin
    JobClient client = JobClient.builder("jobs.example.org").trust(caFile).token(token).build();
    // end
    return client;
  }

  Worker worker(List<String> photos, HandlerInterceptor timed) {
    // begin
    Worker worker =
        client
            .worker()
            .handler(
                "resize",
                context -> {
                  for (String photo : context.track(photos, "photos")) {
                    resize(photo);
                  }
                })
            .handler("count", JobHandler.returning(context -> Map.of("photos", photos.size())))
            .concurrency(4)
            .intercept(timed)
            .start();
    // end
    return worker;
  }

  void belowAHandler(String photo) {
    // begin
    JobContext.current().logger().info("Resized", Map.of("photo", photo));
    // end
  }

  CompletableFuture<Job> started(CompletableFuture<Integer> lines, Runnable stop) {
    // begin
    StartedJob job = client.start(JobSpec.of("import").maxRetries(0));
    job.onCancel(stop);
    return lines
        .thenCompose(count -> job.complete(Map.of("lines", count)))
        .exceptionallyCompose(job::fail);
    // end
  }

  void noRetry(Path photo) throws JobFailure {
    // begin
    if (!Files.exists(photo)) {
      throw new JobFailure("NO_PHOTO", photo + " does not exist", false);
    }
    // end
  }

  JobHandler checkpoints(List<String> photos) {
    // begin
    return context -> {
      long done = context.checkpoint().map(saved -> (Long) saved.get("done")).orElse(0L);
      context.logger().setProgress(done, photos.size(), "photos");
      for (String photo : photos.subList((int) done, photos.size())) {
        context.throwIfCancelled();
        resize(photo);
        context.logger().incrementProgress();
        context.saveCheckpoint(Map.of("done", ++done));
      }
    };
    // end
  }

  // begin
  record SyncParams(String folder, int batch) {}

  record SyncResult(long synced) {}

  // end

  SyncResult records() {
    // begin
    JsonCodec json = JsonCodec.jackson();
    JobHandler handler =
        json.handler(
            SyncParams.class,
            (params, context) -> new SyncResult(sync(params.folder(), params.batch())));
    try (Worker worker = client.worker().handler("sync", handler).start()) {
      JobSpec spec = JobSpec.of("sync").params(json.encode(new SyncParams("/data", 100)));
      return json.decode(client.create(spec).result(), SyncResult.class);
    }
    // end
  }

  String read(JobHandle job) {
    // begin
    JobInfo info = job.info();
    JobProgress progress = job.progress();
    String text = info.name() + ": " + progress.stage() + ", " + progress.message();
    for (LogLine line : job.log()) {
      text += "\n" + line.time() + " " + line.message();
    }
    // end
    return text;
  }

  CompletableFuture<String> future(String id) {
    // begin
    return client
        .async()
        .get(id)
        .handle(
            (job, thrown) ->
                thrown instanceof JobNotFoundException
                    ? "gone"
                    : JobInfo.of(job).state().toString());
    // end
  }

  List<JobHandle> chunks(List<String> paths) {
    // begin
    return Payloads.chunks("paths", paths, MAX_PARAMS_BYTES).stream()
        .map(params -> client.create(JobSpec.of("hash").params(params)))
        .toList();
    // end
  }

  void closeAtTheEnd() {
    // begin
    Runtime.getRuntime().addShutdownHook(new Thread(client::close));
    // end
  }
}
