package dev.milepost.examples.quickstart;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandler;
import java.util.Map;

/** Works on jobs of the type "resize-photos" until it is stopped. Argument: [SERVER]. */
public final class WorkerMain {
  private WorkerMain() {}

  public static void main(String[] args) {
    String server = args.length > 0 ? args[0] : "localhost:7300";
    // begin
    try (JobClient client = JobClient.connect(server)) {
      JobHandler handler =
          job -> {
            for (Object photo : job.track(job.params().getList("photos"), "photos")) {
              Thread.sleep(500); // the work; track() reports progress and checks for a cancel
              job.logger().info("Resized " + photo);
            }
            job.result(Map.of("folder", "/photos/small"));
          };
      client.worker().handler("resize-photos", handler).start().stopped().join();
    }
    // end
  }
}
