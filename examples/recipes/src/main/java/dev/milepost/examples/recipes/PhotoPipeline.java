package dev.milepost.examples.recipes;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Pipeline;
import dev.milepost.v1.Job;
import java.util.List;
import java.util.Map;

/**
 * A job with a pipeline: sub-operations with weights, from which the server derives one percentage
 * and the time left. Argument: [SERVER].
 */
public final class PhotoPipeline {
  private PhotoPipeline() {}

  public static void main(String[] args) {
    try (JobClient client = JobClient.connect(args.length > 0 ? args[0] : "localhost:7300")) {
      Job job = publish(client, List.of("sea.jpg", "hill.jpg", "town.jpg"));
      System.out.println(job.getId() + " " + job.getStatus().getState());
    }
  }

  static Job publish(JobClient client, List<String> photos) {
    return client.run(
        JobSpec.of("publish-photos").params(Map.of("photos", photos)),
        job -> {
          Pipeline pipeline =
              job.pipeline()
                  .add("decode", "Decode")
                  .add("resize", "Resize", 3) // takes three times as long
                  .add("upload", "Upload", 2);
          for (String step : List.of("decode", "resize", "upload")) {
            work(job, pipeline, step, photos);
          }
        });
  }

  private static void work(JobContext job, Pipeline pipeline, String step, List<String> photos) {
    job.logger().setStage(step);
    for (int done = 0; done < photos.size(); done++) {
      job.throwIfCancelled();
      job.logger().info(step + " " + photos.get(done));
      pipeline.update(step, (done + 1.0) / photos.size());
    }
    pipeline.complete(step);
  }
}
