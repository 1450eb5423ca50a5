package dev.milepost.examples.recipes;

import dev.milepost.client.CreateOptions;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Worker;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A task: named steps, one after the other, each done by whichever worker has its type. Its
 * definition is in {@code tasks.yaml}, which the server reads. Argument: [SERVER].
 */
public final class NightlyPhotos {
  private NightlyPhotos() {}

  public static void main(String[] args) {
    try (JobClient client = JobClient.connect(args.length > 0 ? args[0] : "localhost:7300");
        Worker worker = startWorker(client)) {
      Job task = start(client, List.of("sea.jpg", "hill.jpg")).await();
      System.out.println(task.getId() + " " + task.getStatus().getState());
    }
  }

  static JobHandle start(JobClient client, List<String> photos) {
    Stream<Item> items = photos.stream().map(photo -> Item.newBuilder().setId(photo).build());
    JobSpec spec = JobSpec.of("nightly-photos").params(Map.of("size", 1024));
    return client.startTask(spec, CreateOptions.defaults().items(items.toList()));
  }

  static Worker startWorker(JobClient client) {
    JobHandler eachPhoto =
        job -> {
          for (Item photo : job.items().all()) {
            job.throwIfCancelled();
            job.items().done(photo.getId()); // the next step gets the photos that are done
          }
          job.result(Map.of("size", job.params().getLong("size")));
        };
    return client
        .worker()
        .handler("fetch-photos", eachPhoto)
        .handler("resize-photos", eachPhoto)
        .start();
  }
}
