package dev.milepost.examples.quickstart;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobEvent;
import dev.milepost.client.JobWatch;

/** Follows a job until it has finished. Arguments: JOB_ID [SERVER]. */
public final class WatcherMain {
  private WatcherMain() {}

  public static void main(String[] args) {
    String jobId = args[0];
    String server = args.length > 1 ? args[1] : "localhost:7300";
    // begin
    try (JobClient client = JobClient.connect(server);
        JobWatch watch = client.watch(jobId)) {
      for (JobEvent event : watch) { // ends with the job; resumes automatically after an outage
        if (event instanceof JobEvent.Status update) {
          System.out.println(update.status().getProgress().getPercent() + " %");
        } else if (event instanceof JobEvent.Entry entry && entry.entry().hasLog()) {
          System.out.println(entry.entry().getLog().getMessage());
        }
      }
    }
    // end
  }
}
