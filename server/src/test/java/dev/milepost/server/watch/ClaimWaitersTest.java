package dev.milepost.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is woken by what, and what becomes of a wake-up that was of no use. */
class ClaimWaitersTest {
  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD, clock.instant());
  private final JobStore store = new MemoryJobStore(clock, 1_000);
  private final ClaimWaiters waiters = new ClaimWaiters(store);

  @AfterEach
  void stop() {
    waiters.close();
    store.close();
  }

  private void arrives(String tenant, String id, String type) {
    JobKey key = new JobKey(tenant, id);
    store
        .update(
            Selection.of(key),
            found -> {
              JobDecision created =
                  rules.create(
                      new NewJob(
                          key, "ann", "ann", "", "", JobSpec.newBuilder().setType(type).build()),
                      List.of(),
                      found.now());
              return Decision.of(created, true);
            })
        .toCompletableFuture()
        .join();
  }

  private static ClaimQuery query(String... types) {
    return new ClaimQuery("acme", Set.of(types), Set.of(), 0, 100, 1);
  }

  /** A place in the queue, and how often it was woken. */
  private final class Place {
    final AtomicInteger woken = new AtomicInteger();
    final ClaimWaiters.Ticket ticket;

    Place(String... types) {
      ClaimWaiters.Ticket given = waiters.register(query(types), woken::incrementAndGet);
      if (given == null) {
        throw new AssertionError("nobody may wait");
      }
      ticket = given;
    }
  }

  @Test
  void anArrivalWakesTheLongestWaitingWhoMayTakeIt() {
    Place other = new Place("b");
    Place first = new Place("a");
    Place second = new Place();
    arrives("elsewhere", "j0", "a");
    assertThat(first.woken).hasValue(0);
    arrives("acme", "j1", "a");
    assertThat(first.woken).hasValue(1);
    arrives("acme", "j2", "a");
    assertThat(first.woken).hasValue(1);
    assertThat(second.woken).hasValue(1);
    assertThat(other.woken).hasValue(0);
  }

  @Test
  void whoLeavesUnusedHandsItsWakeUpOn() {
    Place first = new Place("a");
    Place second = new Place("a");
    arrives("acme", "j1", "a");
    first.ticket.close();
    assertThat(second.woken).hasValue(1);
  }

  @Test
  void whoTookAnotherJobHandsItsWakeUpOn() {
    Place both = new Place("a", "b");
    Place onlyA = new Place("a");
    arrives("acme", "j1", "a");
    assertThat(both.woken).hasValue(1);
    // It looked, and the best for it was a job of type b that had come meanwhile.
    both.ticket.close(Set.of("j2"));
    assertThat(onlyA.woken).hasValue(1);
  }

  @Test
  void whoTookTheJobKeepsItsWakeUp() {
    Place first = new Place();
    Place second = new Place();
    arrives("acme", "j1", "a");
    first.ticket.close(Set.of("j1", "j2"));
    assertThat(second.woken).hasValue(0);
  }

  @Test
  void nobodyWaitsAfterTheEnd() {
    Place waiting = new Place();
    waiters.close();
    assertThat(waiting.woken).hasValue(1);
    assertThat(waiters.register(query(), () -> {})).isNull();
  }
}
