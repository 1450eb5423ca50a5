package dev.milepost.client;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process that {@link FrozenProcessTest} watches: a worker whose handlers report as much as
 * they can. Says "working" when they have begun, and "ended" when all have; closes on the next line
 * of its input, and leaves the rest to the JVM, which exits when no thread is left.
 */
final class FrozenWorker {
  private static final int JOBS = 4;

  private FrozenWorker() {}

  public static void main(String... args) throws Exception {
    Duration work = Duration.ofSeconds(Long.parseLong(args[1]));
    AtomicLong running = new AtomicLong(JOBS);
    try (JobClient client = JobClient.builder(args[0]).maxUnsentBytes(8 << 20).build()) {
      for (int i = 0; i < JOBS; i++) {
        client.create(JobSpec.of("frozen").maxRetries(0));
      }
      Worker worker =
          client
              .worker()
              .handler("frozen", context -> report(context, work, running))
              .concurrency(JOBS)
              .start();
      System.in.read();
      worker.close(Duration.ofSeconds(2));
    }
    System.out.println("closed");
  }

  private static void report(JobContext context, Duration work, AtomicLong running)
      throws InterruptedException {
    System.out.println("working");
    long start = System.nanoTime();
    for (long row = 0; System.nanoTime() - start < work.toNanos(); row++) {
      JobLogger log = context.logger();
      log.setProgress(row);
      log.addOutcome("rows", 1);
      log.info("row " + row, Map.of("text", "x".repeat(1_000)));
      context.saveCheckpoint(Map.of("row", row, "text", "y".repeat(10_000)));
      context.items().done("item " + row % 100, "z".repeat(1_000));
      if (row % 1_000 == 0) {
        log.setStage("stage " + row);
        log.error("at " + row);
      }
      if (row % 10 == 0) {
        Thread.sleep(5); // Far more than any server accepts all the same.
      }
    }
    if (running.decrementAndGet() == 0) {
      System.out.println("ended");
    }
  }
}
