package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerHealthTest {
  private final FakeServer server = new FakeServer();
  private final CutProxy proxy = new CutProxy(server.port());
  private final JobClient client = JobClient.connect(proxy.target());
  private final List<WorkerHealth> changes = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws Exception {
    client.close();
    proxy.close();
    server.close();
  }

  private Worker start() {
    return client.worker().handler("work", context -> {}).onHealthChange(changes::add).start();
  }

  private static void awaitState(Worker worker, WorkerHealth.State state) {
    await().until(() -> worker.health().state() == state);
  }

  @Test
  void anIdleWorkerIsReadySoonAndFollowsAnOutage() throws Exception {
    Worker worker = start();
    awaitState(worker, WorkerHealth.State.READY);
    assertThat(worker.health().isReady()).isTrue();
    assertThat(worker.health().problem()).isEmpty();

    proxy.down();
    awaitState(worker, WorkerHealth.State.RETRYING);
    assertThat(worker.health().isReady()).isFalse();
    assertThat(worker.health().isLive()).isTrue();
    assertThat(worker.health().problem()).isPresent();

    proxy.up();
    client.create(JobSpec.of("other"));
    awaitState(worker, WorkerHealth.State.READY);
    worker.close();
    awaitState(worker, WorkerHealth.State.CLOSED);
    assertThat(worker.health().isLive()).isFalse();
    await()
        .untilAsserted(
            () ->
                assertThat(changes)
                    .extracting(WorkerHealth::state)
                    .containsExactly(
                        WorkerHealth.State.READY,
                        WorkerHealth.State.RETRYING,
                        WorkerHealth.State.READY,
                        WorkerHealth.State.CLOSED));
  }

  @Test
  void aServerThatIsNotThereYetIsWaitedFor() throws Exception {
    proxy.down();
    Worker worker = start();
    awaitState(worker, WorkerHealth.State.RETRYING);
    assertThat(worker.stopped()).isNotDone();
    proxy.up();
    awaitState(worker, WorkerHealth.State.READY);
  }

  @Test
  void aListenerThatThrowsHarmsNothing() {
    Worker worker =
        client
            .worker()
            .handler("work", context -> {})
            .onHealthChange(
                health -> {
                  changes.add(health);
                  throw new AssertionError("of the listener");
                })
            .start();
    await().until(() -> changes.size() == 1);
    worker.close();
    await().until(() -> changes.size() == 2);
  }
}
