package dev.milepost.server.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
  private static final int THREADS = 4;
  private static final int TASKS = 20_000;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final SerialExecutor serial = new SerialExecutor(thread);

  @AfterEach
  void stop() {
    thread.shutdownNow();
  }

  /** The list has no lock: it would lose elements if two tasks ran at the same time. */
  @Test
  void runsEveryTaskOnceAloneAndInItsCallersOrder() throws InterruptedException {
    List<int[]> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(THREADS * TASKS);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int caller = i;
      Thread one =
          new Thread(
              () -> {
                for (int k = 0; k < TASKS; k++) {
                  int number = k;
                  Runnable task =
                      () -> {
                        ran.add(new int[] {caller, number});
                        done.countDown();
                      };
                  if ((number + caller) % 3 == 0) {
                    serial.execute(task);
                  } else {
                    serial.runIfIdle(task);
                  }
                }
              });
      callers.add(one);
      one.start();
    }
    for (Thread one : callers) {
      one.join();
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();

    assertThat(ran).hasSize(THREADS * TASKS);
    int[] next = new int[THREADS];
    for (int[] task : ran) {
      assertThat(task[1]).isEqualTo(next[task[0]]++);
    }
  }

  @Test
  void runIfIdleUsesTheCallersThreadOnlyIfIdle() throws InterruptedException {
    Thread here = Thread.currentThread();
    List<Thread> ranOn = new ArrayList<>();
    serial.runIfIdle(() -> ranOn.add(Thread.currentThread()));
    assertThat(ranOn).containsExactly(here);

    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    serial.execute(
        () -> {
          began.countDown();
          awaitQuietly(goOn);
        });
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    serial.runIfIdle(
        () -> {
          ranOn.add(Thread.currentThread());
          done.countDown();
        });
    goOn.countDown();
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ranOn).hasSize(2).last().isNotEqualTo(here);
  }

  @Test
  void aTaskAddedByATaskRunsAfterIt() throws InterruptedException {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    serial.runIfIdle(
        () -> {
          serial.runIfIdle(
              () -> {
                ran.add("second");
                done.countDown();
              });
          ran.add("first");
        });
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly("first", "second");
  }

  @Test
  void runsTasksOnTheCallerAfterTheThreadHasShutDown() {
    thread.shutdown();
    List<String> ran = new ArrayList<>();
    serial.execute(() -> ran.add("one"));
    serial.runIfIdle(() -> ran.add("two"));
    assertThat(ran).containsExactly("one", "two");
  }

  @Test
  void anExceptionDoesNotKeepLaterTasksFromRunning() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    serial.runIfIdle(
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    serial.execute(
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    serial.execute(done::countDown);
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anErrorDoesNotKeepLaterTasksFromRunning() throws InterruptedException {
    SerialExecutor executor = new SerialExecutor(thread);
    CountDownLatch ran = new CountDownLatch(2);
    executor.execute(
        () -> {
          throw new StackOverflowError("planted");
        });
    executor.execute(ran::countDown);
    executor.runIfIdle(
        () -> {
          ran.countDown();
          throw new AssertionError("planted");
        });
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
