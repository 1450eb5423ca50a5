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

/** Which claim a job wakes, and what happens to a wake-up that was not needed. */
class ClaimWaitersTest {
  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
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
                      found.clock());
              return Decision.of(created, true);
            })
        .toCompletableFuture()
        .join();
  }

  private static ClaimQuery query(String... types) {
    return new ClaimQuery("acme", Set.of(types), Set.of(), 0, 100, 1);
  }

  /** A waiting claim, and how often it was woken. */
  private final class Waiting {
    final AtomicInteger woken = new AtomicInteger();
    final ClaimWaiters.Ticket ticket;

    Waiting(String... types) {
      ClaimWaiters.Ticket given = waiters.register(query(types), woken::incrementAndGet);
      if (given == null) {
        throw new AssertionError("The claim was not registered.");
      }
      ticket = given;
    }
  }

  @Test
  void aJobWakesTheLongestWaitingClaimThatMayTakeIt() {
    Waiting other = new Waiting("b");
    Waiting first = new Waiting("a");
    Waiting second = new Waiting();
    arrives("other", "j0", "a");
    assertThat(first.woken).hasValue(0);
    arrives("acme", "j1", "a");
    assertThat(first.woken).hasValue(1);
    arrives("acme", "j2", "a");
    assertThat(first.woken).hasValue(1);
    assertThat(second.woken).hasValue(1);
    assertThat(other.woken).hasValue(0);
  }

  @Test
  void aClaimThatTookNothingPassesItsWakeUpOn() {
    Waiting first = new Waiting("a");
    Waiting second = new Waiting("a");
    arrives("acme", "j1", "a");
    first.ticket.close();
    assertThat(second.woken).hasValue(1);
  }

  @Test
  void aClaimThatTookAnotherJobPassesItsWakeUpOn() {
    Waiting both = new Waiting("a", "b");
    Waiting onlyA = new Waiting("a");
    arrives("acme", "j1", "a");
    assertThat(both.woken).hasValue(1);
    // It took a job of type b that had arrived in the meantime.
    both.ticket.close(Set.of("j2"));
    assertThat(onlyA.woken).hasValue(1);
  }

  @Test
  void aClaimThatTookTheJobKeepsItsWakeUp() {
    Waiting first = new Waiting();
    Waiting second = new Waiting();
    arrives("acme", "j1", "a");
    first.ticket.close(Set.of("j1", "j2"));
    assertThat(second.woken).hasValue(0);
  }

  @Test
  void closeWakesEveryClaimAndRefusesLaterOnes() {
    Waiting waiting = new Waiting();
    waiters.close();
    assertThat(waiting.woken).hasValue(1);
    assertThat(waiters.register(query(), () -> {})).isNull();
  }
}
