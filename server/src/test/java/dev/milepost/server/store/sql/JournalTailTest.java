package dev.milepost.server.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.JournalChunk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a damaged end of a journal. */
class JournalTailTest {
  private static final JobKey KEY = new JobKey("acme", "a");

  @Test
  void aDamagedTailRemainsDamaged() {
    byte[] value = JournalTail.of(JournalChunk.getDefaultInstance()).value(KEY);
    assertThat(JournalTail.stored(KEY, value).chunk()).isPresent();
    value[0] ^= 1;
    JournalTail damaged = JournalTail.stored(KEY, value);
    assertThat(damaged.chunk()).isEmpty();
    assertThat(damaged.with(List.of()).chunk()).isEmpty();
    assertThat(JournalTail.stored(KEY, damaged.with(List.of()).value(KEY)).chunk()).isEmpty();
  }
}
