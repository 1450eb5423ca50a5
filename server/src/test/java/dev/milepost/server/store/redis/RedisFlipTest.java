package dev.milepost.server.store.redis;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreContent;
import dev.milepost.server.store.StoreHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Flips single bits of what is in Redis, and reads everything. What is served is right, or is named
 * as damaged; what an index hides, and every other flip, is found by a check.
 */
class RedisFlipTest {
  private static final int FLIPS = Integer.getInteger("milepost.test.flips", 60);
  private static final long SEED = Long.getLong("milepost.test.seed", 20_261_130);
  private static final List<String> JOBS = StoreHarness.numbered("j", 0, 30);

  private final String url = dev.milepost.server.store.Redis.emptyStore();
  private final SettableClock clock = new SettableClock();
  private final Random random = new Random(SEED);

  /** What came of a flip. */
  private enum Outcome {
    NAMED,
    RIGHT,
    HIDDEN
  }

  private StoreHarness make() {
    StoreHarness harness =
        new StoreHarness(
            RedisJobStore.open(
                url, clock, StoreHarness.CAP, RedisJobStoreTest.TEST_CLOCK, CommitObserver.NONE),
            clock);
    StoreContent.fill(harness, JOBS);
    RequestKey request = new RequestKey(StoreHarness.TENANT, "ann", "CreateJob", "r");
    await(harness.createOnce(job("once", spec()), request, Duration.ofDays(1)));
    RecordWrite write =
        RecordWrite.of(
            RecordKind.WORKERS, Map.of("w", ByteString.copyFromUtf8("x")), Duration.ofDays(1));
    await(harness.store().records().write(write));
    return harness;
  }

  @Test
  void noFlippedBitIsServedOrOverlooked() {
    StoreHarness harness = make();
    Map<String, Object> right = StoreContent.read(harness, JOBS, new AtomicBoolean());
    assertThat(right).hasSizeGreaterThan(7 * JOBS.size() + 300);
    assertThat(Findings.of(progress -> RedisCheck.run(url, progress))).isEmpty();
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    new RedisDamage(url, 1)
        .run(
            key("any"),
            (redis, shard) -> {
              RedisFlips flips = new RedisFlips(redis, shard, random);
              for (int i = 0; i < FLIPS; i++) {
                String where = "seed " + SEED + ", flip " + i + ": " + flips.flip();
                outcomes.merge(outcome(harness, right, where), 1, Integer::sum);
                flips.restore();
              }
            });
    assertThat(StoreContent.read(harness, JOBS, new AtomicBoolean())).isEqualTo(right);
    assertThat(Findings.of(progress -> RedisCheck.run(url, progress))).isEmpty();
    harness.store().close();
    System.out.println(FLIPS + " flips in Redis, seed " + SEED + ": " + outcomes);
  }

  private Outcome outcome(StoreHarness harness, Map<String, Object> right, String where) {
    AtomicBoolean named = new AtomicBoolean();
    Map<String, Object> read = StoreContent.read(harness, JOBS, named);
    List<String> wrong = new ArrayList<>(read.keySet());
    wrong.removeIf(name -> read.get(name).equals(right.get(name)));
    assertThat(wrong).as(where).isEmpty();
    assertThat(Findings.of(progress -> RedisCheck.run(url, progress))).as(where).isNotEmpty();
    if (named.get()) {
      return Outcome.NAMED;
    }
    return read.size() == right.size() ? Outcome.RIGHT : Outcome.HIDDEN;
  }
}
