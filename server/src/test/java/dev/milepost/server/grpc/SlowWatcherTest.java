package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Report;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two watchers on one job, one of which reads a byte a second: the other sees everything, and
 * memory stays bounded.
 */
class SlowWatcherTest {
  private static final int REPORTS = 3_000;
  private static final int LINE = 16_000;
  private static final long MANY = 24L * 1024 * 1024;

  @TempDir Path directory;

  @Test
  void itCostsTheOthersNothingAndTheServerNoMemory() {
    // A small cap, so that what the store itself keeps does not count: 48 MB pass, of which it
    // holds a few hundred KB.
    Map<String, Object> settings =
        Map.of(
            "milepost.jobs.journal-cap",
            20,
            "milepost.store",
            "sqlite:" + directory.resolve("jobs.db"));
    try (TestServer server = TestServer.start(settings);
        ThrottledProxy proxy = new ThrottledProxy(server.port())) {
      TestClient ann = server.client();
      Work work = ann.start("a");
      WatchJobRequest.Builder request = WatchJobRequest.newBuilder().setJobId(work.jobId());
      Counting fast = new Counting();
      ann.jobsAsync().watchJob(request.build(), fast);
      Watching slow =
          new TestClient(server.connect(proxy.port())).as("ann").watch(request).awaitPosition(2);
      proxy.throttle();

      String line = "x".repeat(LINE);
      long before = memoryInUse();
      for (int i = 1; i <= REPORTS; i++) {
        work.report(Report.newBuilder().addLogs(Work.info(line)));
        if (i % 10 == 0) {
          // The cap is small, and so the fast one is waited for: what it has not seen yet would be
          // dropped.
          long sequence = i + 2L;
          await()
              .pollInterval(Duration.ofMillis(2))
              .atMost(Duration.ofSeconds(10))
              .until(() -> fast.last >= sequence);
        }
      }
      assertThat(memoryInUse() - before).isLessThan(MANY);
      assertThat(fast.inOrder).isTrue();
      assertThat(fast.seen).isEqualTo(REPORTS + 2);
      assertThat(slow.position()).isLessThan(REPORTS);

      work.complete();
      await().until(() -> fast.over);
      assertThat(fast.failure).isEqualTo(Code.OK);
    }
  }

  /** On the heap and beside it: what waits to be sent lies in the transport's own buffers. */
  private static long memoryInUse() {
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return heapInUse() + direct + Math.max(0, nettyMemory());
  }

  /** By name: Netty is there at run time alone. */
  private static long nettyMemory() {
    try {
      Class<?> platform = Class.forName("io.netty.util.internal.PlatformDependent");
      return (long) platform.getMethod("usedDirectMemory").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Netty has changed", e);
    }
  }

  private static long heapInUse() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** Counts entries instead of keeping them. */
  private static final class Counting
      implements io.grpc.stub.StreamObserver<dev.milepost.v1.WatchJobResponse> {
    volatile long last;
    volatile long seen;
    volatile boolean inOrder = true;
    volatile boolean over;
    volatile Code failure = Code.OK;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void onNext(dev.milepost.v1.WatchJobResponse step) {
      for (dev.milepost.v1.JournalEntry entry : step.getEntriesList()) {
        inOrder = inOrder && entry.getSequence() == last + 1;
        seen++;
        last = entry.getSequence();
      }
    }

    @Override
    public void onError(Throwable reason) {
      failure = io.grpc.Status.fromThrowable(reason).getCode();
      over = true;
    }

    @Override
    public void onCompleted() {
      over = true;
    }
  }
}
