package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store does with what servers keep beside the jobs. */
interface RecordContract {
  Duration DAY = Duration.ofDays(1);

  StoreHarness harness();

  private void write(Map<String, ByteString> values, Set<String> removed, Duration ttl) {
    RecordWrite write = RecordWrite.of(RecordKind.WORKERS, values, removed, ttl);
    assertThat(await(harness().store().records().write(write))).isTrue();
  }

  private void put(String key, String value) {
    write(Map.of(key, ByteString.copyFromUtf8(value)), Set.of(), DAY);
  }

  private List<ServerRecord> list(String prefix) {
    return await(harness().store().records().list(RecordKind.WORKERS, prefix));
  }

  private List<String> keys(String prefix) {
    return list(prefix).stream().map(ServerRecord::key).toList();
  }

  @Test
  default void emptyStoreHasNoRecords() {
    assertThat(list("")).isEmpty();
  }

  @Test
  default void recordsAreKeptByKindAndKey() {
    put("acme s1", "one");
    put("acme s2", "two");
    put("acme2 s1", "three");
    put("~", "last");
    put("acme s1", "four");

    assertThat(keys("")).containsExactly("acme s1", "acme s2", "acme2 s1", "~");
    assertThat(keys("acme ")).containsExactly("acme s1", "acme s2");
    assertThat(list("acme s1").get(0).value().toStringUtf8()).isEqualTo("four");
    assertThat(await(harness().store().records().list(RecordKind.STATISTICS, ""))).isEmpty();
  }

  @Test
  default void oneWriteSetsAndRemoves() {
    put("a", "1");
    put("b", "2");

    write(Map.of("c", ByteString.copyFromUtf8("3")), Set.of("a", "unknown"), DAY);

    assertThat(keys("")).containsExactly("b", "c");
  }

  @Test
  default void expiredRecordIsForgotten() {
    write(Map.of("short", ByteString.EMPTY), Set.of(), Duration.ofMinutes(1));
    put("long", "1");
    assertThat(keys("")).containsExactly("long", "short");

    harness().clock().advance(Duration.ofMinutes(1).plusMillis(1));

    assertThat(keys("")).containsExactly("long");
    put("more", "2");
    assertThat(keys("")).containsExactly("long", "more");
  }

  @Test
  default void largestRecordIsKeptByteForByte() {
    byte[] bytes = new byte[ServerRecords.MAX_VALUE_BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    write(Map.of("large", ByteString.copyFrom(bytes)), Set.of(), DAY);

    assertThat(list("").get(0).value().toByteArray()).isEqualTo(bytes);
    assertThatThrownBy(
            () ->
                RecordWrite.of(
                    RecordKind.WORKERS,
                    Map.of("x", ByteString.copyFrom(new byte[bytes.length + 1])),
                    DAY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  default void tooManyRecordsPushOutThoseThatExpireFirst() {
    for (int slice = 0; slice <= ServerRecords.MAX_RECORDS / RecordWrite.MAX_KEYS; slice++) {
      Map<String, ByteString> values = new HashMap<>();
      for (int i = 0; i < RecordWrite.MAX_KEYS; i++) {
        values.put("k%02d-%03d".formatted(slice, i), ByteString.EMPTY);
      }
      write(values, Set.of(), DAY.plusSeconds(slice));
    }

    List<String> kept = keys("");
    assertThat(kept).hasSize(ServerRecords.MAX_RECORDS).doesNotContain("k00-000");
    assertThat(kept.get(0)).startsWith("k01-");
  }

  @Test
  default void recordsDoNotDisturbJobs() {
    harness().create("a");
    put("k", "1");
    harness().create("b");

    assertThat(StoreHarness.ids(harness().list(ListContract.ALL, false, 10)))
        .containsExactly("a", "b");
  }
}
