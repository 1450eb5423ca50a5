package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.store.StoreDamage.Damage;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store in tables keeps no terms of a job that could not be read and is deleted. */
public interface TermLeftoversContract extends UnreadableContract {
  /** Returns the number of terms of all jobs. */
  long terms();

  @ParameterizedTest
  @EnumSource
  default void termsGoWithADamagedJob(Damage damage) {
    harness().create("good", spec().setDisplayName("Good").putLabels("k", "v"));
    harness().apply("good", new JobCommand.Cancel("ann", "", null));
    long ofGood = terms();
    harness().create("bad", spec().setDisplayName("Bad").putLabels("k", "v").putLabels("l", "w"));
    harness().apply("bad", new JobCommand.Cancel("ann", "", null));
    assertThat(terms()).isEqualTo(ofGood + 4);
    damage().jobs(List.of(key("bad")), damage);
    damaged();

    await(
        harness()
            .store()
            .update(
                Selection.of(key("bad")),
                found -> Decision.of(new JobDecision.Remove(key("bad")), true)));

    assertThat(terms()).isEqualTo(ofGood);
  }
}
