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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two watches of one job, one of which reads a byte a second: the other receives everything, and
 * the server's memory stays bounded.
 */
@Tag("slow")
class SlowWatcherTest {
  private static final int REPORTS = 3_000;
  private static final int LINE = 16_000;
  private static final long MAX_BYTES = 24L * 1024 * 1024;

  @TempDir Path directory;

  @Test
  void doesNotDelayOthersOrUseTheServersMemory() {
    // The cap is small, so that the store keeps only a few hundred KB of the 48 MB that are sent.
    Map<String, Object> settings =
        Map.of(
            "milepost.jobs.journal-cap",
            20,
            "milepost.store",
            "sqlite:" + directory.resolve("jobs.db"));
    try (TestServer server = TestServer.start(settings);
        ThrottledProxy proxy = new ThrottledProxy(server.port())) {
      TestClient ann = server.client();
      HeldJob work = ann.start("a");
      WatchJobRequest.Builder request = WatchJobRequest.newBuilder().setJobId(work.jobId());
      Counting fast = new Counting();
      ann.jobsAsync().watchJob(request.build(), fast);
      JobWatchRecorder slow =
          new TestClient(server.connect(proxy.port())).as("ann").watch(request).awaitPosition(2);
      proxy.throttle();

      String line = "x".repeat(LINE);
      long before = memoryInUse();
      for (int i = 1; i <= REPORTS; i++) {
        work.report(Report.newBuilder().addLogs(HeldJob.info(line)));
        if (i % 10 == 0) {
          // Wait for the fast watch, so that the small cap drops no entry before it has been sent.
          long sequence = i + 2L;
          await()
              .pollInterval(Duration.ofMillis(2))
              .atMost(Duration.ofSeconds(10))
              .until(() -> fast.last >= sequence);
        }
      }
      assertThat(memoryInUse() - before).isLessThan(MAX_BYTES);
      assertThat(fast.inOrder).isTrue();
      assertThat(fast.seen).isEqualTo(REPORTS + 2);
      assertThat(slow.position()).isLessThan(REPORTS);

      work.complete();
      await().until(() -> fast.over);
      assertThat(fast.failure).isEqualTo(Code.OK);
    }
  }

  /** Includes memory outside the heap, where the transport keeps unsent data. */
  private static long memoryInUse() {
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return heapInUse() + direct + Math.max(0, nettyMemory());
  }

  /** Uses reflection, as Netty is a runtime dependency only. */
  private static long nettyMemory() {
    try {
      Class<?> platform = Class.forName("io.netty.util.internal.PlatformDependent");
      return (long) platform.getMethod("usedDirectMemory").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("PlatformDependent.usedDirectMemory is gone.", e);
    }
  }

  private static long heapInUse() {
    long minimum = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      minimum = Math.min(minimum, runtime.totalMemory() - runtime.freeMemory());
    }
    return minimum;
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
    public void onNext(dev.milepost.v1.WatchJobResponse message) {
      for (dev.milepost.v1.JournalEntry entry : message.getEntriesList()) {
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
