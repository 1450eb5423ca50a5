package dev.milepost.benchmarks.micro;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobContext;
import dev.milepost.client.JobException;
import dev.milepost.client.JobSpec;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the calls of a handler cost that stand in its innermost loops, while its server answers and
 * after it is gone. The server is in the same process, with a store in memory.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class SdkCalls {
  /** Whether the server still answers. */
  @Param({"live", "dead"})
  public String server = "";

  private final CompletableFuture<JobContext> started = new CompletableFuture<>();
  private final CountDownLatch measured = new CountDownLatch(1);
  private final MilepostServer embedded =
      MilepostServer.start(
          Settings.with(
              Map.of(
                  "milepost.store", "memory:",
                  "milepost.listen", "localhost:0",
                  "milepost.http.listen", "off",
                  "milepost.limits.drain-timeout", "1s")));
  private final JobClient client =
      JobClient.builder("localhost:" + embedded.address().port())
          .endTimeout(Duration.ofSeconds(1))
          .build();
  private final Thread handler = new Thread(this::run, "handler");
  private Iterator<Integer> tracked = java.util.Collections.emptyIterator();
  private JobContext context;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // Set by start(), before anything reads it.
  public SdkCalls() {}

  private void run() {
    try {
      client.run(
          JobSpec.of("measured"),
          given -> {
            started.complete(given);
            measured.await();
          });
    } catch (JobException e) {
      // Without its server, the end of the job is not confirmed.
    }
  }

  /** Starts a job, and kills its server if it is to be dead. */
  @Setup
  public void start() {
    handler.start();
    context = started.join();
    Iterable<Integer> endless =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Integer next() {
                return 1;
              }
            };
    tracked = context.track(endless, -1, "rows").iterator();
    if (server.equals("dead")) {
      embedded.close();
    }
  }

  /** Ends the job. */
  @TearDown
  public void stop() throws InterruptedException {
    measured.countDown();
    handler.join();
    client.close();
    embedded.close();
  }

  /** Counts one unit of progress. */
  @Benchmark
  public void progress() {
    context.logger().incrementProgress();
  }

  /** Counts one unit of a named counter. */
  @Benchmark
  public void counter() {
    context.logger().addOutcome("rows", 1);
  }

  /** Takes one element from a tracked loop. */
  @Benchmark
  public boolean track() {
    tracked.next();
    return tracked.hasNext();
  }

  /**
   * Writes a line. A live server sets the pace, since the loop is faster than it; a dead one
   * accepts none, so that most lines are dropped.
   */
  @Benchmark
  public void log() {
    context.logger().info("one line of the usual length, such as this one");
  }
}
