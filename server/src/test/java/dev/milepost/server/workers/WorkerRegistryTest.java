package dev.milepost.server.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.SettableClock;
import dev.milepost.storage.v1.KnownWorker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a server knows of its workers, and that it stays bounded. */
class WorkerRegistryTest {
  private final SettableClock clock = new SettableClock();
  private final WorkerRegistry registry = new WorkerRegistry(clock, () -> "here:7300");

  private static Caller caller(String tenant) {
    return new Caller(tenant, "ann", Set.of(Role.WORKER));
  }

  private WorkerRegistry.Ask ask(String tenant, String worker, Set<String> types, boolean waits) {
    ClaimQuery query = new ClaimQuery(tenant, types, Set.of(), 0, 100, 5);
    return registry.ask(caller(tenant), worker, query, 8, waits);
  }

  private KnownWorker only() {
    List<KnownWorker> workers = registry.workers("");
    assertThat(workers).hasSize(1);
    return workers.get(0);
  }

  @Test
  void aWaitingWorkerIsSeenAllTheTime() {
    WorkerRegistry.Ask ask = ask("acme", "w", Set.of("b", "a"), true);
    clock.advance(Duration.ofSeconds(30));

    assertThat(only().getWaiting()).isTrue();
    assertThat(only().getTypesList()).containsExactly("a", "b");
    assertThat(only().getServer()).isEqualTo("here:7300");
    assertThat(only().getLastSeenTime().getSeconds())
        .isEqualTo(only().getWaitStartTime().getSeconds() + 30);

    ask.end();
    ask.end();
    clock.advance(Duration.ofSeconds(30));

    assertThat(only().getWaiting()).isFalse();
    assertThat(only().hasWaitStartTime()).isFalse();
    assertThat(only().getLastSeenTime().getSeconds())
        .isEqualTo(clock.instant().getEpochSecond() - 30);
  }

  @Test
  void aWaitIsOneUntilAJobComes() {
    WorkerRegistry.Ask first = ask("acme", "w", Set.of(), true);
    long start = only().getWaitStartTime().getSeconds();
    clock.advance(Duration.ofSeconds(60));
    first.end();
    WorkerRegistry.Ask second = ask("acme", "w", Set.of(), true);
    assertThat(only().getWaitStartTime().getSeconds()).isEqualTo(start);

    clock.advance(Duration.ofSeconds(10));
    second.end();
    second.claimed();
    assertThat(only().getLastClaimTime().getSeconds()).isEqualTo(start + 70);
    ask("acme", "w", Set.of(), true);

    assertThat(only().getWaitStartTime().getSeconds()).isEqualTo(start + 70);
  }

  @Test
  void aWorkerThatAsksForSomethingElseIsAnotherOne() {
    ask("acme", "w", Set.of("a"), false);
    ask("acme", "w", Set.of("a"), false);
    ask("acme", "w", Set.of("b"), false);

    assertThat(registry.workers("acme")).hasSize(2);
    assertThat(registry.workers("other")).isEmpty();
  }

  @Test
  void aWorkerIsForgottenADayAfterItWasSeen() {
    ask("acme", "gone", Set.of(), false);
    ask("acme", "waits", Set.of(), true);
    clock.advance(WorkerRegistry.TTL);

    assertThat(registry.workers("")).extracting(KnownWorker::getWorkerId).containsExactly("waits");
  }

  @Test
  void theLargestTenantLosesWorkers() {
    ask("small", "w", Set.of(), false);
    for (int i = 0; i < WorkerRegistry.MAX_WORKERS + 10; i++) {
      ask("large", "w" + i, Set.of(), false);
    }

    assertThat(registry.workers("")).hasSize(WorkerRegistry.MAX_WORKERS);
    assertThat(registry.workers("small")).hasSize(1);
    assertThat(registry.workers("large"))
        .extracting(KnownWorker::getWorkerId)
        .doesNotContain("w0", "w10")
        .contains("w11", "w" + (WorkerRegistry.MAX_WORKERS + 9));
  }

  @Test
  void manyLongTypesAreBounded() {
    Set<String> types =
        IntStream.range(0, 100)
            .mapToObj(i -> "t%03d".formatted(i) + "x".repeat(100))
            .collect(Collectors.toSet());
    for (int i = 0; i < 1_000; i++) {
      ask("acme", "w" + i, types, false);
    }

    List<KnownWorker> workers = registry.workers("acme");
    assertThat(workers).hasSizeBetween(100, 500);
    assertThat(workers.get(0).getTypesCount() + workers.get(0).getOmittedTypes()).isEqualTo(100);
    assertThat(workers.get(0).getSerializedSize()).isLessThan(6_000);
  }
}
