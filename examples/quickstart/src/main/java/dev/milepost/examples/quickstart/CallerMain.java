package dev.milepost.examples.quickstart;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import java.util.List;
import java.util.Map;

/** Creates a job and waits for its result. Argument: [SERVER]. */
public final class CallerMain {
  private CallerMain() {}

  public static void main(String[] args) {
    String server = args.length > 0 ? args[0] : "localhost:7300";
    List<String> photos = List.of("sea.jpg", "hill.jpg", "town.jpg", "tree.jpg");
    // begin
    try (JobClient client = JobClient.connect(server)) {
      JobSpec spec = JobSpec.of("resize-photos").params(Map.of("photos", photos));
      JobHandle job = client.create(spec);
      System.out.println("Created " + job.id());
      System.out.println("Result: " + job.result()); // waits until the job has finished
    }
    // end
  }
}
