package dev.milepost.server.app;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.SettableClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class QuotaAccountsTest {
  private static final QuotaOwner ANN = new QuotaOwner("acme", "ann");
  private static final QuotaAmount ONE = new QuotaAmount(1, 0);
  private static final List<Quota> THREE = List.of(new Quota("user-jobs", Quota.Unit.JOBS, 3));

  private final SettableClock clock = new SettableClock();
  private final Map<QuotaOwner, Long> stored = new HashMap<>();
  private final List<QuotaOwner> counts = new ArrayList<>();
  private final List<CompletableFuture<QuotaUse>> open = new ArrayList<>();
  private boolean isSlow;
  private boolean isBroken;
  private final QuotaAccounts accounts = new QuotaAccounts(this::count, clock);

  private CompletionStage<QuotaUse> count(QuotaOwner owner) {
    if (isBroken) {
      throw new IllegalStateException("the store is closed");
    }
    counts.add(owner);
    CompletableFuture<QuotaUse> counted = new CompletableFuture<>();
    if (isSlow) {
      open.add(counted);
    } else {
      counted.complete(new QuotaUse(new QuotaAmount(stored.getOrDefault(owner, 0L), 0), 0));
    }
    return counted;
  }

  private boolean isAdmitted(QuotaOwner owner) {
    return await(accounts.admit(owner, THREE, ONE)).exceeded().isEmpty();
  }

  @Test
  void anOwnerWithRoomIsCountedOnce() {
    for (int i = 0; i < 3; i++) {
      assertThat(isAdmitted(ANN)).isTrue();
    }
    assertThat(counts).containsExactly(ANN);

    clock.advance(QuotaAccounts.COUNT_TTL);

    assertThat(isAdmitted(ANN)).isTrue();
    assertThat(counts).hasSize(2);
  }

  @Test
  void anOwnerWithoutRoomIsCountedBeforeItIsRefused() {
    for (int i = 0; i < 3; i++) {
      assertThat(isAdmitted(ANN)).isTrue();
    }
    stored.put(ANN, 2L);
    assertThat(isAdmitted(ANN)).isTrue();
    stored.put(ANN, 3L);
    assertThat(isAdmitted(ANN)).isFalse();
    assertThat(counts).hasSize(3);
  }

  @Test
  void anOwnerWithoutRoomIsCountedAgainIfItHasDeletedJobs() {
    stored.put(ANN, 3L);
    for (int i = 0; i < 5; i++) {
      assertThat(isAdmitted(ANN)).isFalse();
    }
    assertThat(counts).hasSize(1);

    accounts.outdate(ANN);
    assertThat(isAdmitted(ANN)).as("it was the job of another user").isFalse();
    assertThat(counts).hasSize(2);

    stored.put(ANN, 2L);
    accounts.outdateAll();
    assertThat(isAdmitted(ANN)).isTrue();
    assertThat(counts).hasSize(3);
  }

  @Test
  void anOwnerWithoutRoomIsCountedAgainAfterAWhile() {
    stored.put(ANN, 3L);
    assertThat(isAdmitted(ANN)).isFalse();
    stored.put(ANN, 2L);
    clock.advance(QuotaAccounts.COUNT_TTL);
    assertThat(isAdmitted(ANN)).isTrue();
  }

  @Test
  void anAmountThatDoesNotFitTakesNothing() {
    stored.put(ANN, 2L);
    assertThat(await(accounts.admit(ANN, THREE, new QuotaAmount(2, 0))).exceeded()).isPresent();
    assertThat(isAdmitted(ANN)).isTrue();
  }

  @Test
  void concurrentCallsShareACount() {
    isSlow = true;
    List<CompletionStage<QuotaAccounts.Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(accounts.admit(ANN, THREE, ONE));
    }
    assertThat(counts).hasSize(1);

    open.get(0).complete(QuotaUse.NOTHING);

    assertThat(answers.stream().filter(answer -> await(answer).exceeded().isEmpty())).hasSize(3);
  }

  @Test
  void aCountThatFailedIsTriedAgain() {
    isSlow = true;
    CompletionStage<QuotaAccounts.Answer> first = accounts.admit(ANN, THREE, ONE);
    open.get(0).completeExceptionally(new IllegalStateException("no store"));
    assertThatThrownBy(() -> await(first)).isInstanceOf(IllegalStateException.class);
    assertThat(accounts.size()).isZero();

    isSlow = false;

    assertThat(isAdmitted(ANN)).isTrue();
  }

  @Test
  void aCountThatThrowsKeepsNobodyWaiting() {
    isBroken = true;
    assertThatThrownBy(() -> isAdmitted(ANN)).hasMessage("the store is closed");
    assertThat(accounts.size()).isZero();

    isBroken = false;

    assertThat(isAdmitted(ANN)).isTrue();
  }

  @Test
  void aClockSetBackCountsAgain() {
    assertThat(isAdmitted(ANN)).isTrue();
    clock.advance(Duration.ofHours(-1));
    assertThat(isAdmitted(ANN)).isTrue();
    assertThat(counts).hasSize(2);
  }

  @Test
  void theNumberOfAccountsIsBounded() {
    for (int i = 0; i < 3 * QuotaAccounts.MAX_ACCOUNTS; i++) {
      assertThat(isAdmitted(new QuotaOwner("acme", "user-" + i))).isTrue();
      assertThat(accounts.size()).isLessThanOrEqualTo(QuotaAccounts.MAX_ACCOUNTS + 1);
    }
  }
}
