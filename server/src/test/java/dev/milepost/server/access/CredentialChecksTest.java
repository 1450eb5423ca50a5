package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** In which order credentials of suspect addresses are checked, and how many wait. */
class CredentialChecksTest {
  private final CredentialChecks checks = new CredentialChecks();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);

  /** Keeps the thread busy until it is released. */
  private void block() {
    CountDownLatch begun = new CountDownLatch(1);
    assertThat(
            checks.submit(
                "first",
                () -> {
                  begun.countDown();
                  awaitRelease(released);
                }))
        .isTrue();
    awaitRelease(begun);
  }

  private static void awaitRelease(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean submit(String address, String name) {
    return checks.submit(address, () -> done.add(name));
  }

  @Test
  void addressesTakeTurns() {
    block();
    for (int i = 0; i < 3; i++) {
      submit("a", "a" + i);
    }
    submit("b", "b0");
    submit("c", "c0");
    submit("b", "b1");
    released.countDown();
    await().until(() -> done.size() == 6);
    assertThat(done).containsExactly("a0", "b0", "c0", "a1", "b1", "a2");
  }

  @Test
  void boundsWhatWaitsOfAnAddressAndInAll() {
    block();
    for (int i = 0; i < CredentialChecks.MAX_WAITING_PER_ADDRESS; i++) {
      assertThat(submit("a", "a")).isTrue();
    }
    assertThat(submit("a", "a")).isFalse();
    int accepted = CredentialChecks.MAX_WAITING_PER_ADDRESS;
    for (int i = 0; submit("address-" + i, "b"); i++) {
      accepted++;
    }
    assertThat(accepted).isEqualTo(CredentialChecks.MAX_WAITING);
    released.countDown();
    await().until(() -> done.size() == CredentialChecks.MAX_WAITING);
    assertThat(submit("a", "a")).isTrue();
  }

  @Test
  void aFailedCheckStopsNoOther() {
    assertThat(
            checks.submit(
                "a",
                () -> {
                  throw new IllegalStateException("expected");
                }))
        .isTrue();
    submit("a", "next");
    await().until(() -> done.contains("next"));
  }
}
